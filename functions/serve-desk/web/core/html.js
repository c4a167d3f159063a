// The one place that knows the library: everything else imports `html` and the hooks from here.

import { h, render } from "../vendor/preact.mjs";
import htm from "../vendor/htm.mjs";

export const html = htm.bind(h);
export { h, render };
export { useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState }
  from "../vendor/hooks.mjs";

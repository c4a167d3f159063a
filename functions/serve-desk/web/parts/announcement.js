// A text that is read out when it changes, and again where it comes again.

import { html, useCallback, useEffect, useState } from "../core/html.js";

/** How long the region stays empty: a text in place of the same text is not read out. */
const EMPTY_MS = 100;

/** @returns {[any, (message: string) => void]} the region, and what has it read out */
export function useAnnouncement() {
  const [{ message, isShown }, setState] = useState({ message: "", isShown: false });
  useEffect(() => {
    if (isShown) return;
    const timer = setTimeout(() => setState((now) => ({ ...now, isShown: true })), EMPTY_MS);
    return () => clearTimeout(timer);
  }, [isShown]);
  const announce = useCallback((/** @type {string} */ next) => setState({ message: next, isShown: false }), []);
  return [html`<p class="visually-hidden" role="status" aria-live="polite">${isShown ? message : ""}</p>`, announce];
}

// A text that is read out when it changes, and again where it comes again.

import { html, useCallback, useEffect, useState } from "../core/html.js";

/** How long the region stays empty: a text in place of the same text is not read out. */
const EMPTY_MS = 100;

/** @returns {[any, (message: string) => void]} the region, and what has it read out */
export function useAnnouncement() {
  const [last, setLast] = useState({ message: "" });
  const [shown, setShown] = useState(last);
  useEffect(() => {
    const timer = setTimeout(() => setShown(last), EMPTY_MS);
    return () => clearTimeout(timer);
  }, [last]);
  const announce = useCallback((/** @type {string} */ message) => setLast({ message }), []);
  const message = shown === last ? last.message : "";
  return [html`<p class="visually-hidden" role="status" aria-live="polite">${message}</p>`, announce];
}

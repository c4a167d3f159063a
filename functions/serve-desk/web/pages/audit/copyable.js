// An id that can be copied by one press.

import { html, useEffect, useRef, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";

/** How long the button says that it has copied. */
const SAID_MS = 2_500;

/** @param {{ value: string, what: string }} props `what` it is, for the button's name */
export function Copyable({ value, what }) {
  const text = useTexts();
  const shown = useRef(/** @type {HTMLElement | null} */ (null));
  const [state, setState] = useState(/** @type {"" | "copied" | "selected"} */ (""));
  useEffect(() => {
    if (!state) return;
    const timer = setTimeout(() => setState(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState("copied");
    } catch {
      // The browser forbids it: the person copies what is selected.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
      setState("selected");
    }
  };
  return html`<span class="copyable">
    <code ref=${shown}>${value}</code>
    <button type="button" class="quiet" aria-label=${text("audit.copy", { what })} title=${text("audit.copy", { what })} onClick=${copy}>
      <span aria-hidden="true">${state === "copied" ? "✓" : "⧉"}</span>
    </button>
    <span class=${state === "selected" ? "" : "visually-hidden"} role="status">${state && text(`audit.${state}`)}</span>
  </span>`;
}

// A modal dialog: the browser's own, which keeps the focus and closes by Escape.

import { html, useEffect, useId, useRef } from "../core/html.js";
import { useTexts } from "../core/texts.js";

/** @param {{ title: string, onClose: () => void, children?: any, wide?: boolean }} props */
export function Dialog({ title, onClose, children, wide = false }) {
  const text = useTexts();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    // What is to be filled in, or else the way back; a dialog without either is read out from its title.
    const wanted = element?.querySelector("form :is(input, select, textarea), form .actions button");
    const first = wanted ?? element?.querySelector("h2");
    if (first instanceof HTMLElement) first.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog ref=${dialog} class=${wide ? "wide" : ""} aria-labelledby=${id} onCancel=${
    /** @param {Event} event */ (event) => {
      event.preventDefault();
      onClose();
    }
  }>
    <header>
      <h2 id=${id} tabindex="-1">${title}</h2>
      <button type="button" class="quiet" aria-label=${text("action.close_dialog")} onClick=${onClose}>×</button>
    </header>
    ${children}
  </dialog>`;
}

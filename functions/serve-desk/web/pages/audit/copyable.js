// An id that can be copied by one press.

import { html, useEffect, useRef, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";

/** How long the button says that it has copied. */
const SAID_MS = 2_500;

function CopyIcon() {
  return html`<svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" fill="none" stroke="currentColor"
    stroke-width="1.3">
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M3.5 10.5h-1v-8h8v1" />
  </svg>`;
}

/**
 * @param {{ value: string, what: string, short?: boolean }} props `what` it is, for the button's name; `short`: its end
 *   is not shown
 */
export function Copyable({ value, what, short = false }) {
  const text = useTexts();
  const shown = useRef(/** @type {HTMLElement | null} */ (null));
  const [state, setState] = useState(/** @type {"" | "copied" | "selected"} */ (""));
  useEffect(() => {
    if (!state) return;
    const timer = setTimeout(() => setState(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const name = text("audit.copy", { what });
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
  return html`<span class="copyable" data-short=${short ? "" : undefined}>
    <code ref=${shown} title=${short ? value : undefined}>${value}</code>
    <button type="button" class="quiet" aria-label=${name} title=${name} onClick=${copy}>
      ${state === "copied" ? html`<span aria-hidden="true">✓</span>` : html`<${CopyIcon} />`}
    </button>
    <span class=${state === "selected" ? "" : "visually-hidden"} role="status">
      ${state && text(state === "copied" ? "audit.copied" : "audit.selected")}
    </span>
  </span>`;
}

// A labelled field with its hint, its error and the characters that are left.

import { html, useId } from "../core/html.js";
import { characters } from "../core/format.js";
import { useTexts } from "../core/texts.js";

/** Of a longer text the characters that are left are told near its end only. */
const ALWAYS_COUNTED = 1000;

/**
 * @param {{ label: string, hint?: string, error?: string, value?: string, max?: number, required?: boolean,
 *   children: (ids: { id: string, describedBy: string | undefined, invalid: boolean }) => any }} props
 *   `max` counts the characters of `value`
 */
export function Field({ label, hint, error, value = "", max, required = false, children }) {
  const text = useTexts();
  const id = useId();
  const room = max === undefined ? null : max - characters(value);
  const left = max !== undefined && room !== null && (max <= ALWAYS_COUNTED || room < max / 5) ? room : null;
  const parts = [hint && `${id}-hint`, error && `${id}-error`, left !== null && `${id}-left`].filter(Boolean);
  return html`<div class="field" data-invalid=${error ? "" : undefined}>
    <label for=${id}>${label}${required && html` <span class="required" title=${text("field.required")}>*</span>`}</label>
    ${children({ id, describedBy: parts.join(" ") || undefined, invalid: Boolean(error) || (left !== null && left < 0) })}
    <div class="below">
      ${hint && html`<p id="${id}-hint" class="hint">${hint}</p>`}
      ${left !== null &&
      html`<p id="${id}-left" class="left" data-over=${left < 0 ? "" : undefined}>
        ${left < 0 ? text("field.over", { count: -left }) : text("field.left", { count: left })}
      </p>`}
    </div>
    ${error && html`<p id="${id}-error" class="error" role="alert">${error}</p>`}
  </div>`;
}

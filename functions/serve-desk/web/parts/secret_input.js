// A field for a secret: hidden while it is typed, and never kept by the browser.

import { html, useEffect, useRef, useState } from "../core/html.js";
import { useTexts } from "../core/texts.js";

/**
 * @param {{ ids: { id: string, describedBy: string | undefined, invalid: boolean }, value: string, required?: boolean,
 *   multiline?: boolean, onChange: (value: string) => void, onBlur?: () => void }} props
 *   `multiline`: a text with line ends, such as a private key, may be pasted
 */
export function SecretInput({ ids, value, required = false, multiline = false, onChange, onBlur }) {
  const text = useTexts();
  const field = useRef(/** @type {any} */ (null));
  const [shown, setShown] = useState(false);
  // A field of one line would drop the line ends.
  const isLong = multiline && (shown || value.includes("\n"));
  const wasLong = useRef(isLong);
  useEffect(() => {
    // The pasted text made another element of the field that had the focus.
    if (isLong && !wasLong.current && !shown) field.current?.focus();
    wasLong.current = isLong;
  }, [isLong]);
  const paste = /** @param {ClipboardEvent} event */ (event) => {
    const pasted = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n") ?? "";
    if (!multiline || isLong || !pasted.includes("\n")) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = field.current;
    onChange(value.slice(0, selectionStart) + pasted + value.slice(selectionEnd));
  };
  const common = {
    ref: field,
    id: ids.id,
    value,
    autocomplete: "off",
    spellcheck: false,
    "aria-describedby": ids.describedBy,
    "aria-invalid": ids.invalid ? "true" : undefined,
    "aria-required": required ? "true" : undefined,
    "data-secret": "",
    onInput: /** @param {any} event */ (event) => onChange(event.currentTarget.value),
    onBlur,
  };
  return html`<div class="secret-input">
    ${
      isLong
        ? html`<textarea ...${common} rows="4" data-masked=${shown ? undefined : ""}></textarea>`
        : html`<input ...${common} type=${shown ? "text" : "password"} onPaste=${paste} />`
    }
    <button type="button" aria-pressed=${shown ? "true" : "false"}
      onClick=${() => setShown(!shown)}>${text("new.secret.show")}</button>
  </div>`;
}

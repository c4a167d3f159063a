// The fields for the keys of an account. Their values are in the two inputs alone, and are removed from there after
// each call: never in a component's state, the address or the browser's storage.

import { html, useRef, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Field } from "../../parts/field.js";

/**
 * @returns {{ id: { current: HTMLInputElement | null }, secret: { current: HTMLInputElement | null },
 *   read: () => { secret_id: string, secret_key_secret: string }, clear: () => void }}
 */
export function useKeyInputs() {
  const id = useRef(/** @type {HTMLInputElement | null} */ (null));
  const secret = useRef(/** @type {HTMLInputElement | null} */ (null));
  return {
    id,
    secret,
    read: () => ({ secret_id: id.current?.value.trim() ?? "", secret_key_secret: secret.current?.value.trim() ?? "" }),
    clear() {
      for (const input of [id.current, secret.current]) if (input) input.value = "";
    },
  };
}

/** @param {{ inputs: ReturnType<typeof useKeyInputs>, vendor: string, busy: boolean,
 *   errors: Record<string, string>, focused?: boolean }} props */
export function KeyFields({ inputs, vendor, busy, errors, focused = false }) {
  const text = useTexts();
  const [shown, setShown] = useState(false);
  /**
   * @param {"secret_id" | "secret_key_secret"} name
   * @param {string} label
   * @param {{ current: HTMLInputElement | null }} ref
   */
  const field = (name, label, ref) => html`<${Field} label=${label}
    error=${errors[name]} required>
    ${/** @param {any} ids */ (ids) => html`<input ref=${ref} id=${ids.id} type=${shown ? "text" : "password"} required
      autocomplete="off" autocapitalize="off" spellcheck=${false} maxlength="256" disabled=${busy}
      aria-describedby=${ids.describedBy} aria-invalid=${ids.invalid} data-key=${name}
      autofocus=${focused && name === "secret_id"} />`}
  <//>`;
  return html`
    ${field("secret_id", text(`accounts.secret_id.${vendor}`), inputs.id)}
    ${field("secret_key_secret", text(`accounts.secret_key_secret.${vendor}`), inputs.secret)}
    <label class="check">
      <input type="checkbox" checked=${shown}
        onChange=${/** @param {any} event */ (event) => setShown(event.currentTarget.checked)} />
      <span>${text("accounts.show_keys")}</span>
    </label>
    <p class="hint">${text("accounts.keys_hint")}</p>`;
}

/**
 * After a failure the keys are typed again, below what the form says of it.
 * @param {ReturnType<typeof useKeyInputs>} keys
 */
export function showFailure(keys) {
  // The field is disabled until the failure is shown.
  requestAnimationFrame(() => {
    keys.id.current?.focus();
    keys.id.current?.form?.querySelector(".write-failure")?.scrollIntoView({ block: "nearest" });
  });
}

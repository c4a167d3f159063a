// Signing in: at the issuer, or with the key of a local stack.

import { html, useState } from "../core/html.js";
import { isLocal, signIn } from "../core/session.js";
import { useTexts } from "../core/texts.js";
import { Field } from "../parts/field.js";

/**
 * @param {{ session: { refused?: boolean, failure?: import("../core/session.js").SessionFailure }, again?: boolean }} props
 *   `again`: above a page in use
 */
export function SignIn({ session, again = false }) {
  const text = useTexts();
  const [key, setKey] = useState("");
  const { failure, refused } = session;
  const reason = failure ? text(failure.text, { reason: failure.reason }) : refused && text("session.refused");
  const submit = /** @param {SubmitEvent} event */ (event) => {
    event.preventDefault();
    signIn(key.trim());
  };
  const form = html`<form class="sign-in" onSubmit=${submit}>
    ${!again && html`<h1>Polydesk</h1><p>${text("session.about")}</p>`}
    ${reason && html`<p class="error" role="alert">${reason}</p>`}
    ${isLocal()
      ? html`<${Field} label=${text("session.key")} hint=${text("session.key_hint")}>
          ${/** @param {any} ids */ (ids) => html`<input id=${ids.id} type="password" autocomplete="off" required
            value=${key} aria-describedby=${ids.describedBy}
            onInput=${/** @param {any} event */ (event) => setKey(event.currentTarget.value)} />`}
        <//>`
      : null}
    <button type="submit" class="primary">${text("session.sign_in")}</button>
  </form>`;
  return again
    ? html`<section class="again" aria-label=${text("session.sign_in")}>${form}</section>`
    : html`<main id="main">${form}</main>`;
}

// A read that failed, and the way to repeat it.

import { html } from "../core/html.js";
import { explain } from "../core/problems.js";
import { useTexts } from "../core/texts.js";

/** @param {{ error: unknown, retry?: () => void }} props */
export function Failure({ error, retry }) {
  const text = useTexts();
  return html`<div class="failure" role="alert">
    <p>${explain(error)}</p>
    ${retry && html`<button type="button" onClick=${retry}>${text("action.retry")}</button>`}
  </div>`;
}

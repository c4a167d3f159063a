// A read that failed, and the way to repeat it.

import { html } from "../core/html.js";
import { wordsOf } from "../core/problems.js";
import { useTexts } from "../core/texts.js";

/**
 * The words for an error, the API's own below those of the page.
 * @param {{ error: unknown, known?: string | null }} props `known`: a closer sentence than the general one
 */
export function ErrorWords({ error, known }) {
  useTexts();
  const { main, detail } = wordsOf(error);
  return html`<span>${known ?? main}</span>${detail && html` <span class="api-words" lang="en">${detail}</span>`}`;
}

/** @param {{ error: unknown, retry?: () => void }} props */
export function Failure({ error, retry }) {
  const text = useTexts();
  return html`<div class="failure" role="alert">
    <p><${ErrorWords} error=${error} /></p>
    ${retry && html`<button type="button" onClick=${retry}>${text("action.retry")}</button>`}
  </div>`;
}

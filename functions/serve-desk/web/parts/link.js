// A link to another page of the desk.

import { html } from "../core/html.js";
import { BASE, followLink } from "../core/router.js";

/** @param {{ to: string, children?: any, [more: string]: any }} props `to` is a path below the base */
export function Link({ to, children, ...more }) {
  return html`<a href=${BASE + to} onClick=${followLink} ...${more}>${children}</a>`;
}

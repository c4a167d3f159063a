// A time: short, and exact on hover.

import { html } from "../core/html.js";
import { ago, exactTime, shortTime } from "../core/format.js";

/** @param {{ ms: number, relative?: boolean }} props */
export function Time({ ms, relative = false }) {
  const shown = relative ? ago(ms) : shortTime(ms);
  return html`<time datetime=${new Date(ms).toISOString()} title=${exactTime(ms)}>${shown}</time>`;
}

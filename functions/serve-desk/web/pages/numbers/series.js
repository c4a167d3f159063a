// How each vendor is drawn: by colour, by the dashes of its line and by the shape of its points.

import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";

/** @typedef {"circle" | "square" | "triangle"} Shape */
/** @typedef {{ type: string, colour: string, dash: number[], shape: Shape }} Series `colour` names a CSS variable */

/** @type {Series[]} */
const SERIES = [
  { type: "ALIBABA", colour: "--series-1", dash: [], shape: "circle" },
  { type: "HUAWEI", colour: "--series-2", dash: [8, 4], shape: "square" },
  { type: "TENCENT", colour: "--series-3", dash: [2, 4], shape: "triangle" },
];

/** The series of these vendors, always in the same order. @param {Set<string>} types */
export function seriesOf(types) {
  return SERIES.filter(({ type }) => types.has(type));
}

/**
 * The outline of a point.
 * @param {{ moveTo(x: number, y: number): void, lineTo(x: number, y: number): void, closePath(): void,
 *   arc(x: number, y: number, r: number, from: number, to: number): void }} path
 * @param {Shape} shape
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function addPoint(path, shape, x, y, r) {
  if (shape === "circle") {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  const square = [[-r, -r], [r, -r], [r, r], [-r, r]];
  const triangle = [[0, -1.3 * r], [1.2 * r, r], [-1.2 * r, r]];
  const corners = shape === "square" ? square : triangle;
  for (const [index, [dx, dy]] of corners.entries()) path[index === 0 ? "moveTo" : "lineTo"](x + dx, y + dy);
  path.closePath();
}

/**
 * @param {{ series: Series[], isEmpty: (type: string) => boolean, emptyText?: string, isBars?: boolean,
 *   more?: string }} props `isEmpty`: nothing of this vendor is shown, which `emptyText` says
 */
export function Legend({ series, isEmpty, emptyText, isBars = false, more }) {
  const text = useTexts();
  return html`<ul class="legend">
    ${series.map(({ type, dash, shape }) => html`<li key=${type} data-vendor=${type}>
      <svg class="swatch" viewBox="0 0 32 14" width="32" height="14" aria-hidden="true">
        ${isBars
          ? html`<rect x="9" y="0" width="14" height="14" rx="2" />`
          : html`<line x1="1" x2="31" y1="7" y2="7" stroke-dasharray=${dash.join(" ")} /><${Point} shape=${shape} />`}
      </svg>
      ${text(`vendor.${type}`)}
      ${isEmpty(type) && html`<span class="quiet">${emptyText ?? text("numbers.vendor_empty")}</span>`}
    </li>`)}
    ${more && html`<li class="quiet">${more}</li>`}
  </ul>`;
}

/** @param {{ shape: Shape }} props */
function Point({ shape }) {
  if (shape === "circle") return html`<circle cx="16" cy="7" r="4" />`;
  return html`<polygon points=${shape === "square" ? "12,3 20,3 20,11 12,11" : "16,1.8 20.8,11 11.2,11"} />`;
}

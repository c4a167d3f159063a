// A chart with its title, its legend and its table.

import { html, useEffect, useId, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";

const NARROW = matchMedia("(max-width: 900px)");

/** More rows than this are folded away below the chart of a narrow screen. */
const LONG = 8;

/** Whether the table stands below its chart instead of beside it. */
function useNarrow() {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const change = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", change);
    return () => NARROW.removeEventListener("change", change);
  }, []);
  return narrow;
}

/**
 * @param {{ title: string, about: string[], chart: any, head: any, rows: any[], foot?: any, notes?: string[],
 *   status?: any }} props `rows` are of the table, `notes` stand below it; `status` is shown instead of chart and table
 */
export function NumbersSection({ title, about, chart, head, rows, foot, notes = [], status }) {
  const text = useTexts();
  const narrow = useNarrow();
  const id = useId();
  const table = html`<div class="table" tabindex="0" role="region" aria-labelledby="${id}-caption">
      <table id="${id}-table">
        <caption id="${id}-caption" class="visually-hidden">${text("numbers.table", { title })}</caption>
        <thead>${head}</thead>
        <tbody>${rows}</tbody>
        ${foot && html`<tfoot>${foot}</tfoot>`}
      </table>
    </div>
    ${notes.map((note) => html`<p key=${note} class="quiet">${note}</p>`)}`;
  return html`<section class="panel" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${about.map((sentence) => html`<p key=${sentence} class="quiet">${sentence}</p>`)}
    ${status ||
    html`<div class="pair">
      <figure aria-labelledby="${id}-title" aria-details="${id}-table">${chart}</figure>
      ${narrow && rows.length > LONG
        ? html`<details><summary>${text("numbers.table", { title })}</summary>${table}</details>`
        : html`<div>${table}</div>`}
    </div>`}
  </section>`;
}

/** A cell without a number: nothing is known, which is not zero. */
export function NoNumber() {
  const text = useTexts();
  return html`<td class="number">
    <span aria-hidden="true">–</span><span class="visually-hidden">${text("numbers.no_number")}</span>
  </td>`;
}

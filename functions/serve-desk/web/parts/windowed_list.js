// A long list of rows of one height: only the rows near the visible part are elements.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../core/html.js";

/** Rows above and below the visible part, so that scrolling shows no gap. */
const SPARE_ROWS = 12;

/**
 * @param {{ items: any[], rowHeight: number, label: string, selected: number, moves: number,
 *   row: (item: any, index: number) => any, keyOf: (item: any) => string }} props
 *   `rowHeight` in CSS pixels; the row of `selected` marks an element as `data-selected`, which is
 *   focused and scrolled into view with each change of `moves`
 */
export function WindowedList({ items, rowHeight, label, selected, moves, row, keyOf }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [range, setRange] = useState([0, 40]);
  useLayoutEffect(() => {
    let waiting = 0;
    const measure = () => {
      waiting = 0;
      if (!list.current) return;
      const top = -list.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
      const last = Math.ceil((top + innerHeight) / rowHeight) + SPARE_ROWS;
      setRange((now) => (now[0] === first && now[1] === last ? now : [first, last]));
    };
    const later = () => {
      waiting ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(waiting);
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
    };
  }, [rowHeight, items.length]);
  useEffect(() => {
    if (selected < 0 || !list.current) return;
    // It is read out, and the keys act on it. Not where only its place or the filter has changed.
    const row = list.current.querySelector("[data-selected]");
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
    const top = list.current.getBoundingClientRect().top + selected * rowHeight;
    // The header and the filters stick to the top.
    const margin = 160;
    if (top < margin) scrollBy({ top: top - margin });
    else if (top + rowHeight > innerHeight - rowHeight) scrollBy({ top: top + 2 * rowHeight - innerHeight });
  }, [moves]);
  const first = Math.min(range[0], Math.max(0, items.length - 1));
  const shown = items.slice(first, range[1]).map((item, index) => ({ item, index: first + index }));
  // The selected one is there to have the focus, wherever the list was scrolled to.
  if (selected >= 0 && selected < first) shown.unshift({ item: items[selected], index: selected });
  if (selected >= range[1]) shown.push({ item: items[selected], index: selected });
  const setHeight = /** @param {HTMLElement | null} element */ (element) => {
    list.current = element;
    if (element) element.style.blockSize = `${items.length * rowHeight}px`;
  };
  return html`<ol class="windowed" role="list" aria-label=${label} ref=${setHeight}>
    ${shown.map(
      ({ item, index }) => html`<li
        key=${keyOf(item)}
        aria-setsize=${items.length}
        aria-posinset=${index + 1}
        style=${{ insetBlockStart: `${index * rowHeight}px`, blockSize: `${rowHeight}px` }}
      >
        ${row(item, index)}
      </li>`,
    )}
  </ol>`;
}

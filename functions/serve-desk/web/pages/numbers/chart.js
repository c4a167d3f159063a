// A chart in a canvas. It is drawn anew when its data, the size, the theme or the language change.

import { html, useEffect, useRef, useState } from "../../core/html.js";
import { language, theme } from "../../core/settings.js";
import { useObservable } from "../../core/observable.js";
import { useTexts } from "../../core/texts.js";
import { loadLibrary } from "./library.js";

/**
 * @typedef {import("../../vendor/uplot.mjs").Data} Data
 * @typedef {import("../../vendor/uplot.mjs").Options} Options
 * @typedef {(name: string) => string} Colours the value of a CSS variable, as a canvas takes it
 * @typedef {(library: import("./library.js").ChartLibrary, colours: Colours, font: string)
 *   => Omit<Options, "width" | "height">} Describe
 */

const DARK = matchMedia("(prefers-color-scheme: dark)");

/**
 * A canvas can't read `light-dark()`: the browser makes a colour of it.
 * @param {HTMLElement} element
 * @returns {Colours}
 */
function coloursOf(element) {
  return (name) => {
    element.style.color = `var(${name})`;
    const value = getComputedStyle(element).color;
    element.style.color = "";
    return value;
  };
}

/**
 * The table beside it says the same to who does not see it.
 * @param {{ data: Data, describe: Describe, height?: number, reading: (index: number) => string }} props
 *   `describe` must be the same as long as nothing of the chart changes; `reading` is shown for the index under the
 *   pointer
 */
export function Chart({ data, describe, height = 280, reading }) {
  const text = useTexts();
  const host = useRef(/** @type {HTMLElement | null} */ (null));
  const [pointed, setPointed] = useState(/** @type {number | null} */ (null));
  const [failed, setFailed] = useState(false);
  const chosenLanguage = useObservable(language);
  useEffect(() => {
    const element = /** @type {HTMLElement} */ (host.current);
    /** @type {(() => void)[]} */
    const ends = [];
    let stopped = false;
    setPointed(null);
    setFailed(false);
    loadLibrary().then(
      (library) => {
        if (!stopped) ends.push(draw(library, element, { data, describe, height, onPoint: setPointed }));
      },
      () => !stopped && setFailed(true),
    );
    return () => {
      stopped = true;
      for (const end of ends) end();
    };
  }, [data, describe, height, chosenLanguage]);
  const shown = pointed === null || pointed >= data[0].length ? "\u00a0" : reading(pointed);
  return html`${failed && html`<p class="empty">${text("numbers.no_chart")}</p>`}
  <div class="chart" aria-hidden="true" hidden=${failed}>
    <div ref=${host} style=${{ minHeight: `${height}px` }}></div>
    <p class="reading">${shown}</p>
  </div>`;
}

/**
 * @param {import("./library.js").ChartLibrary} library
 * @param {HTMLElement} element
 * @param {{ data: Data, describe: Describe, height: number, onPoint: (index: number | null) => void }} chart
 * @returns {() => void} removes it
 */
function draw(library, element, { data, describe, height, onPoint }) {
  /** @type {InstanceType<import("./library.js").ChartLibrary> | null} */
  let chart = null;
  let width = 0;
  const redraw = () => {
    chart?.destroy();
    const options = describe(library, coloursOf(element), `12px ${getComputedStyle(element).fontFamily}`);
    /** @type {Options["hooks"]} */
    const hooks = { ...options.hooks, setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] };
    chart = new library({ ...options, hooks, width, height }, data, element);
  };
  const sizes = new ResizeObserver(() => {
    const now = element.clientWidth;
    if (now === 0 || now === width) return;
    width = now;
    if (chart) chart.setSize({ width, height });
    else redraw();
  });
  sizes.observe(element);
  const repaint = () => {
    if (width > 0) redraw();
  };
  DARK.addEventListener("change", repaint);
  const unfollow = theme.follow(repaint);
  return () => {
    sizes.disconnect();
    DARK.removeEventListener("change", repaint);
    unfollow();
    chart?.destroy();
  };
}

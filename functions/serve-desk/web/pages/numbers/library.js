// uPlot, loaded when a chart is shown first: other pages do not need it.

/** @typedef {typeof import("../../vendor/uplot.mjs").default} ChartLibrary */

/** @type {Promise<ChartLibrary> | null} */
let loaded = null;

/** @returns {Promise<ChartLibrary>} */
export function loadLibrary() {
  loaded ??= Promise.all([import("../../vendor/uplot.mjs"), loadStyle()]).then(([library]) => library.default);
  loaded.catch(() => (loaded = null));
  return loaded;
}

/** @returns {Promise<void>} */
function loadStyle() {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("../../vendor/uplot.css", import.meta.url).href;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("uplot.css"));
    });
    document.head.append(link);
  });
}

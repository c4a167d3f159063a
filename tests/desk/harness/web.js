// The page's sources in this clone, and its texts.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const WEB = process.env.DESK_WEB ?? fileURLToPath(new URL("../../../functions/serve-desk/web", import.meta.url));

/** @param {string} path below [`WEB`] */
export const source = (path) => readFileSync(`${WEB}/${path}`, "utf8");

/** The paths of all files that a browser loads: documents, licences and type declarations are for readers. */
export function loadedFiles() {
  const entries = readdirSync(WEB, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(WEB.length + 1));
  return paths.filter((path) => !/\.(md|txt|d\.m?ts)$/.test(path)).sort();
}

/** @param {string} path below [`WEB`] */
export const compressedSize = (path) => gzipSync(readFileSync(`${WEB}/${path}`), { level: 9 }).length;

/** @param {"en" | "zh"} language @returns {Promise<Record<string, string | Record<string, string>>>} */
export async function textsOf(language) {
  // By its text: the folder has no package.json that would make its files modules for Node.
  const module = await import(`data:text/javascript,${encodeURIComponent(source(`texts/${language}.js`))}`);
  return module.default;
}

/**
 * The page's text of a key, with its values.
 * @param {"en" | "zh"} language
 */
export async function textReader(language) {
  const texts = await textsOf(language);
  return (/** @type {string} */ key, /** @type {Record<string, string | number>} */ values = {}) => {
    let found = texts[key];
    if (found === undefined) throw new Error(`The page has no text ${key}.`);
    if (typeof found !== "string")
      found = found[new Intl.PluralRules(language).select(Number(values.count))] ?? found.other;
    return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}

// The page's texts in the chosen language.

import en from "../texts/en.js";
import zh from "../texts/zh.js";
import { useObservable } from "./observable.js";
import { language } from "./settings.js";

/** @typedef {keyof typeof en} TextKey */

/**
 * The text with `{name}` replaced by the values. A text may be an object of plural forms, chosen by `count`.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function text(key, values = {}) {
  /** @type {Record<string, string | Record<string, string>>} */
  const texts = language.get() === "zh" ? zh : en;
  let found = texts[key];
  if (found === undefined) return key;
  if (typeof found !== "string") {
    const form = new Intl.PluralRules(language.get()).select(Number(values.count));
    found = found[form] ?? found.other ?? key;
  }
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * The text, or nothing where there is none: for values that a newer version of the API may add.
 * @param {string} key
 * @returns {string | null}
 */
export function knownText(key) {
  return key in en ? text(key) : null;
}

/** `text`, in a component that is rendered again when the language changes. */
export function useTexts() {
  useObservable(language);
  return text;
}

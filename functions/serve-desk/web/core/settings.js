// What the person chose: language and theme. Stored in this browser only.

import { observable } from "./observable.js";

/** @typedef {"zh" | "en"} Language */
/** @typedef {"system" | "light" | "dark"} Theme */

/**
 * @param {string} name
 * @returns {string | null}
 */
export function stored(name) {
  try {
    return localStorage.getItem(`polydesk.${name}`);
  } catch {
    // The browser forbids storage: the setting lasts as long as the page.
    return null;
  }
}

/**
 * @param {string} name
 * @param {string | null} value nothing removes it
 */
export function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(`polydesk.${name}`);
    else localStorage.setItem(`polydesk.${name}`, value);
  } catch {
    // As above, or the browser's storage is full.
  }
}

/** @returns {Language} */
function languageOfBrowser() {
  const chosen = stored("language");
  if (chosen === "zh" || chosen === "en") return chosen;
  return navigator.languages.some((language) => language.toLowerCase().startsWith("zh")) ? "zh" : "en";
}

/** @returns {Theme} */
function chosenTheme() {
  const theme = stored("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

export const language = observable(languageOfBrowser());
export const theme = observable(chosenTheme());

/** Follows both settings on the document's root. */
export function applySettings() {
  const root = document.documentElement;
  const apply = () => {
    root.lang = language.get() === "zh" ? "zh-CN" : "en";
    if (theme.get() === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.get();
  };
  apply();
  language.follow((value) => {
    store("language", value);
    apply();
  });
  theme.follow((value) => {
    store("theme", value === "system" ? null : value);
    apply();
  });
}

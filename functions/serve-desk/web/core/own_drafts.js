// What was typed and not sent, kept in this browser for the person who typed it.

import { currentOwner } from "./session.js";
import { store, stored } from "./settings.js";

const LONGEST_MS = 30 * 86_400_000;

/** Where the browser forbids storage, drafts last as long as the page. @type {Map<string, string>} */
const unstored = new Map();

/** Whether a draft of this time is of nobody's use any more. @param {number} time Unix milliseconds */
export function isTooOld(time) {
  return Date.now() - time > LONGEST_MS;
}

/** @param {string} name @returns {any} */
function read(name) {
  try {
    return JSON.parse(stored(name) ?? unstored.get(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @returns {any} what this person stored by the name, or nothing
 */
export function storedDraft(name) {
  const kept = read(name);
  return kept?.owner === currentOwner() && !isTooOld(kept.time) ? kept.value : null;
}

/**
 * @param {string} name
 * @param {unknown} value nothing removes it
 */
export function storeDraft(name, value) {
  const text = value === null ? null : JSON.stringify({ owner: currentOwner(), time: Date.now(), value });
  store(name, text);
  unstored.delete(name);
  if (text !== null && stored(name) !== text) unstored.set(name, text);
}

/** Removes all drafts that are too old, whoever typed them. */
export function removeOldDrafts() {
  const start = "polydesk.";
  try {
    for (const key of Object.keys(localStorage)) {
      const name = key.slice(start.length);
      if (key.startsWith(start) && isTooOld(read(name)?.time)) store(name, null);
    }
  } catch {
    // The browser forbids storage.
  }
}

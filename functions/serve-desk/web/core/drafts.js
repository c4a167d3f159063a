// Drafts of new tickets, kept in this browser so that they survive a reload. Secrets and files are never in them.

import { newKey } from "./api.js";
import { isTooOld } from "./own_drafts.js";
import { store, stored } from "./settings.js";

/**
 * What was sent and has no certain outcome yet. It is repeated with the draft's key, and with no other.
 * @typedef {{ body: any, withheld: string[], first_time: number, ticket_id?: string, undecided?: boolean }} Sent
 *   `withheld`: the fields of the body that were sent and are not stored; `first_time` in Unix milliseconds;
 *   `undecided`: a person must decide whether the vendor has it
 */

/**
 * @typedef {{ id: string, owner: string, from: string, key: string, time: number, values: Record<string, any>,
 *   sent: Sent | null }} Draft
 *   `owner`: who wrote it; `from`: the query of the address that it began with; `time`: its last change
 */

const PREFIX = "draft.";

/** Which draft this tab had open last: after a reload it goes on with its own. */
const OF_THIS_TAB = "polydesk.draft";

/** A page that is reloaded may find the draft still held by itself for a moment. */
const RELEASE_MS = 250;

/**
 * @param {string} owner
 * @param {string} from
 * @param {Record<string, any>} values
 * @returns {Draft}
 */
export function newDraft(owner, from, values) {
  return { id: newKey(), owner, from, key: newKey(), time: Date.now(), values, sent: null };
}

/** @param {Draft} draft */
export function saveDraft(draft) {
  store(PREFIX + draft.id, JSON.stringify(draft));
}

/** @param {string} id */
export function removeDraft(id) {
  store(PREFIX + id, null);
}

/** @returns {string[]} */
function storedIds() {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(`polydesk.${PREFIX}`));
    return names.map((name) => name.slice(`polydesk.${PREFIX}`.length));
  } catch {
    return [];
  }
}

/**
 * The person's drafts, last changed first. Those of nobody's use any more are removed.
 * @param {string} owner
 * @returns {Draft[]}
 */
export function drafts(owner) {
  const found = [];
  for (const id of storedIds()) {
    const draft = readDraft(id);
    if (!draft || isTooOld(draft.time)) removeDraft(id);
    else if (draft.owner === owner) found.push(draft);
  }
  return found.sort((a, b) => b.time - a.time);
}

/**
 * @param {string} id
 * @returns {Draft | null}
 */
function readDraft(id) {
  try {
    const draft = JSON.parse(stored(PREFIX + id) ?? "null");
    return draft && draft.id === id && typeof draft.key === "string" && typeof draft.values === "object" ? draft : null;
  } catch {
    return null;
  }
}

/**
 * Holds a draft as long as it is open here, so that two tabs never write the same one.
 * @param {string} id
 * @returns {Promise<(() => unknown) | null>} lets it go, which takes a moment; nothing where another tab has it
 */
export function holdDraft(id) {
  return new Promise((resolve) => {
    // Without locks (an address that is not secure) two tabs may have the same draft; its key still sends it once.
    if (!navigator.locks) return resolve(() => {});
    const held = navigator.locks
      .request(`polydesk.${PREFIX}${id}`, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise((release) =>
          resolve(() => {
            release(undefined);
            return held;
          }),
        );
      })
      .catch(() => resolve(() => {}));
  });
}

/**
 * The id of the draft that this tab had open last.
 * @returns {string | null}
 */
function ownId() {
  try {
    return sessionStorage.getItem(OF_THIS_TAB);
  } catch {
    return null;
  }
}

/**
 * This tab has another draft open.
 * @param {string} id
 */
export function markOpen(id) {
  try {
    sessionStorage.setItem(OF_THIS_TAB, id);
  } catch {
    // After a reload it goes on with the last draft.
  }
}

/**
 * The draft to go on with: this tab's own, or the last one that no other tab has, and that began at the same address
 * where that says what the ticket is about. Otherwise a new one.
 * @param {string} owner
 * @param {string} from
 * @param {Record<string, any>} values of a new one
 * @returns {Promise<{ draft: Draft, restored: boolean, release: () => unknown }>}
 */
export async function openDraft(owner, from, values) {
  const own = ownId();
  for (const wait of [0, RELEASE_MS]) {
    const fitting = drafts(owner)
      .filter((draft) => !from || draft.from === from)
      .sort((a, b) => Number(b.id === own) - Number(a.id === own));
    if (wait && fitting.length > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    for (const draft of fitting) {
      const release = await holdDraft(draft.id);
      if (release) return { draft, restored: true, release };
    }
  }
  const draft = newDraft(owner, from, values);
  return { draft, restored: false, release: (await holdDraft(draft.id)) ?? (() => {}) };
}

/**
 * The drafts that neither this tab nor another one has open.
 * @param {string} owner
 * @returns {Promise<Draft[]>}
 */
export async function otherDrafts(owner) {
  const found = [];
  for (const draft of drafts(owner)) {
    const release = await holdDraft(draft.id);
    if (release) found.push(draft);
    await release?.();
  }
  return found;
}

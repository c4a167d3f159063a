// The draft that this page has open: found again after a reload, and stored with each change.

import {
  drafts,
  holdDraft,
  markOpen,
  newDraft,
  openDraft,
  otherDrafts,
  removeDraft,
  saveDraft,
} from "../../core/drafts.js";
import { useEffect, useRef, useState } from "../../core/html.js";
import { emptyValues, isEmpty } from "./body.js";

/** How long typing rests before the draft is stored. */
const REST_MS = 250;

/** What an address can say of a new ticket. Nothing secret is among it. */
const IN_ADDRESS = [
  "custom_id",
  "product_id",
  "product_business_id",
  "name",
  "description",
  "email",
  "region_id",
  "severity",
];

/** @typedef {import("../../core/drafts.js").Draft} Draft */
/**
 * @typedef {{ draft: Draft, restored: boolean, others: Draft[], change: (change: Partial<Draft>) => void,
 *   setValues: (change: Record<string, any>) => void, discard: () => void, setAside: () => void,
 *   open: (id: string) => void, remove: (id: string) => void, finish: () => void }} DraftState
 */

/** @param {URLSearchParams} query */
function valuesIn(query) {
  return Object.fromEntries(IN_ADDRESS.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
}

/**
 * @param {string} owner
 * @param {URLSearchParams} query
 * @returns {DraftState | null} nothing until it is known whether there is one
 */
export function useDraft(owner, query) {
  const prefilled = valuesIn(query);
  const from = new URLSearchParams(/** @type {any} */ (prefilled)).toString();
  const current = useRef(/** @type {{ draft: Draft, release: () => unknown, restored: boolean } | null} */ (null));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const [others, setOthers] = useState(/** @type {Draft[]} */ ([]));
  const [, render] = useState(0);

  const store = () => {
    clearTimeout(timer.current);
    const draft = current.current?.draft;
    if (draft && timer.current !== undefined) saveDraft(draft);
    timer.current = undefined;
  };
  const readOthers = () => otherDrafts(owner).then(setOthers);
  /** @param {{ draft: Draft, release: () => unknown, restored: boolean } | null} next */
  const replace = (next) => {
    store();
    const released = current.current?.release();
    current.current = next;
    if (next) markOpen(next.draft.id);
    render((now) => now + 1);
    // The one before is another one once it is let go.
    Promise.resolve(released).then(readOthers);
  };
  /** @param {Draft} draft */
  const begin = async (draft, restored = false) => {
    const release = await holdDraft(draft.id);
    if (release) replace({ draft, release, restored });
    else readOthers();
  };

  useEffect(() => {
    let left = false;
    openDraft(owner, from, { ...emptyValues(), ...prefilled }).then((opened) => {
      if (left) opened.release();
      else replace({ ...opened, draft: { ...opened.draft, values: { ...emptyValues(), ...opened.draft.values } } });
    });
    addEventListener("pagehide", store);
    return () => {
      left = true;
      removeEventListener("pagehide", store);
      store();
      current.current?.release();
      current.current = null;
    };
  }, [owner, from]);

  const opened = current.current;
  if (!opened) return null;
  const { id } = opened.draft;
  const storedDraft = () => drafts(owner).find((one) => one.id === id);
  /**
   * Changes this draft, also where another one is open by the time of an answer. Where it was opened again meanwhile,
   * what is sent is repeated there with the same key, and answered the same.
   * @param {(draft: Draft) => Partial<Draft>} changeOf
   * @param {(draft: Draft) => void} save
   */
  const apply = (changeOf, save) => {
    const isOpen = current.current === opened;
    const draft = isOpen ? opened.draft : current.current?.draft.id !== id && storedDraft();
    if (!draft) return;
    const changed = { ...draft, ...changeOf(draft), time: Date.now() };
    if (isOpen) opened.draft = changed;
    save(changed);
    if (isOpen) render((now) => now + 1);
    else readOthers();
  };
  const forget = () => {
    if (current.current === opened) {
      clearTimeout(timer.current);
      timer.current = undefined;
    }
    removeDraft(id);
    readOthers();
  };
  return {
    draft: opened.draft,
    restored: opened.restored && !isEmpty(/** @type {any} */ (opened.draft.values)),
    others,
    // What is sent must be stored before it is sent.
    change: (change) => apply(() => change, saveDraft),
    setValues(change) {
      if (current.current !== opened) return;
      apply(
        ({ values }) => ({ values: { ...values, ...change } }),
        () => {
          clearTimeout(timer.current);
          timer.current = setTimeout(store, REST_MS);
        },
      );
    },
    discard() {
      forget();
      begin(newDraft(owner, from, emptyValues()));
    },
    setAside: () => begin(newDraft(owner, from, emptyValues())),
    open(id) {
      const draft = drafts(owner).find((one) => one.id === id);
      // A reload at this address finds it again.
      if (draft) begin({ ...draft, from, time: Date.now(), values: { ...emptyValues(), ...draft.values } }, true);
    },
    remove(id) {
      removeDraft(id);
      readOthers();
    },
    finish: forget,
  };
}

// What the catalog and the vendor's form tell for a new ticket.

import { get, pagesOf, withQuery } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";

/** The most pages that one search reads, and the most entries that it shows. */
const MOST_PAGES = 4;
const MOST_SHOWN = 50;

/** The most pages in which the entry of an address is looked for. */
const MOST_PAGES_OF_ENTRY = 40;

/** @typedef {import("../../parts/combobox.js").Option} Option */

/**
 * Entries of a list page by page; removed ones cannot be chosen.
 * @param {string} path
 * @param {AbortSignal} signal
 * @param {number} mostPages
 * @param {(entry: any) => boolean} [ends]
 */
async function entries(path, signal, mostPages, ends) {
  const found = [];
  let pages = 0;
  for await (const page of pagesOf(path, signal)) {
    const items = page.items.filter((entry) => !entry.removed_time);
    found.push(...items);
    if (++pages === mostPages || (ends && items.some(ends))) return { found, more: Boolean(page.next_cursor) };
  }
  return { found, more: false };
}

/** @param {any} entry @returns {Option} */
function option(entry) {
  const detail = [entry.other_name, entry.acronym !== entry.name && entry.acronym].filter(Boolean).join(" · ");
  return { id: entry.id, label: entry.name, detail: detail || undefined, case_kind: entry.case_kind };
}

/**
 * How well an entry fits: the whole name, its beginning, the beginning of a word of it, anywhere.
 * @param {any} entry
 * @param {string} query in lower case
 */
function distance(entry, query) {
  const names = [entry.name, entry.other_name, entry.acronym].filter(Boolean).map((name) => name.toLowerCase());
  if (names.includes(query)) return 0;
  if (names.some((name) => name.startsWith(query))) return 1;
  if (names.some((name) => name.split(/[\s（(/-]+/).includes(query))) return 2;
  return 3;
}

/**
 * The search of a combobox among products or problem types.
 * @param {string} path `/catalog/products` or `/catalog/product-types`
 * @param {Record<string, string>} filters
 * @returns {(query: string, signal: AbortSignal) => Promise<import("../../parts/combobox.js").Found>}
 */
export function catalogSearch(path, filters) {
  return async (query, signal) => {
    const asked = [...query].slice(0, 100).join("");
    const { found, more } = await entries(
      withQuery(path, { ...filters, q: asked }),
      signal,
      asked ? MOST_PAGES : 1,
    );
    const wanted = asked.toLowerCase();
    const sorted = found
      .map((entry) => ({ entry, rank: wanted ? distance(entry, wanted) : 0 }))
      .sort((a, b) => a.rank - b.rank || (wanted ? a.entry.name.length - b.entry.name.length : 0));
    const options = sorted.slice(0, MOST_SHOWN).map(({ entry }) => option(entry));
    return { options, more: more || sorted.length > MOST_SHOWN };
  };
}

/**
 * The name of a product that an address names by its id.
 * @param {Record<string, string>} filters
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<string | null>}
 */
export async function productName(filters, id, signal) {
  const path = withQuery("/catalog/products", filters);
  const { found } = await entries(path, signal, MOST_PAGES_OF_ENTRY, (entry) => entry.id === id);
  return found.find((entry) => entry.id === id)?.name ?? null;
}

/**
 * The vendor's form for a problem type, read when all three are known.
 * @param {any} account
 * @param {{ product_id: string, product_business_id: string }} values
 * @returns {{ form: any, error: unknown, loading: boolean, retry: () => void }}
 */
export function useForm(account, { product_id, product_business_id }) {
  const [state, setState] = useState(
    /** @type {{ path: string | null, form: any, error: unknown }} */ ({ path: null, form: null, error: null }),
  );
  const [attempt, setAttempt] = useState(0);
  const path =
    account && product_id && product_business_id
      ? withQuery("/catalog/form", { type: account.type, product_id, product_business_id, custom_id: account.id })
      : null;
  useEffect(() => {
    if (!path) return;
    const stopped = new AbortController();
    get(path, { signal: stopped.signal }).then(
      (form) => setState({ path, form, error: null }),
      (error) => !stopped.signal.aborted && setState({ path, form: null, error }),
    );
    return () => stopped.abort();
  }, [path, attempt]);
  const isCurrent = path !== null && state.path === path;
  return {
    form: isCurrent ? state.form : null,
    error: isCurrent ? state.error : null,
    loading: path !== null && !isCurrent,
    retry: () => {
      setState({ path: null, form: null, error: null });
      setAttempt((now) => now + 1);
    },
  };
}

// What the refreshes found since a day, by day, the newest first.

import { pagesOf, withQuery } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useEffect, useMemo, useState } from "../../core/html.js";
import { language } from "../../core/settings.js";
import { knownText, useTexts } from "../../core/texts.js";
import { VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Time } from "../../parts/time.js";
import { VENDORS } from "../accounts/regions.js";
import { useProductNames } from "./names.js";

/**
 * The most changes of one vendor that are read: the first refresh of a catalog alone has thousands. The API answers by
 * vendor, so each is asked for on its own: many of one do not hide those of another.
 */
const MOST = 2_000;
/** A group of up to so many entries is open at first. */
const OPEN_UP_TO = 12;
/** The entries of an open group that are shown at first, and with each further press. */
const SHOWN = 100;

const KINDS = ["product", "problem_type", "source", "region"];
const CHANGES = ["removed", "changed", "added"];

/** The beginning of a day here. @param {string} day `2026-11-30` @returns {number} Unix milliseconds, or NaN */
function startOf(day) {
  return new Date(`${day}T00:00:00`).getTime();
}

/** @param {number} ms @returns {string} */
export function dayOf(ms) {
  const date = new Date(ms);
  const two = /** @param {number} value */ (value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Every change, up to [`MOST`] of each vendor; what is read is shown with each page.
 * @param {string | null} path
 * @param {string[]} types
 * @param {number} attempt
 */
function useChanges(path, types, attempt) {
  const [state, setState] = useState(
    /** @type {{ path: string | null, items: any[], loading: boolean, isCut: boolean, error: Error | null }} */
    ({ path: null, items: [], loading: true, isCut: false, error: null }),
  );
  useEffect(() => {
    if (path === null) return;
    const stopped = new AbortController();
    const read = async () => {
      /** @type {any[]} */
      let items = [];
      let isCut = false;
      for (const type of types) {
        let count = 0;
        const url = new URL(path, location.origin);
        url.searchParams.set("type", type);
        for await (const page of pagesOf(url.pathname + url.search, stopped.signal)) {
          items = [...items, ...page.items];
          count += page.items.length;
          isCut ||= count >= MOST && Boolean(page.next_cursor);
          // While it is read again, what is shown stays until there is more.
          setState((now) => (items.length > now.items.length ? { ...now, path, items, isCut } : now));
          if (count >= MOST) break;
        }
      }
      setState({ path, items, loading: false, isCut, error: null });
    };
    setState((now) => ({ ...now, loading: true, error: null, items: now.path === path ? now.items : [] }));
    read().catch((error) => {
      if (!stopped.signal.aborted) setState((now) => ({ ...now, path, loading: false, error }));
    });
    return () => stopped.abort();
  }, [path, attempt]);
  return state;
}

/**
 * @param {any[]} items
 * @returns {[string, any[][]][]} days, newest first, each with groups of one catalog and one change
 */
function byDay(items) {
  /** @type {Map<string, Map<string, any[]>>} */
  const days = new Map();
  for (const entry of items) {
    const { change, time } = entry.last_change;
    const day = dayOf(time);
    const groups = days.get(day) ?? new Map();
    const key = `${entry.type}/${entry.site}/${CHANGES.indexOf(change)}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
    days.set(day, groups);
  }
  return [...days].sort(([a], [b]) => (a < b ? 1 : -1)).map(([day, groups]) => [
    day,
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entries]) => entries),
  ]);
}

/**
 * @param {{ filters: import("./page.js").Filters, set: (change: Partial<import("./page.js").Filters>) => void,
 *   attempt: number, again: () => void }} props
 */
export function CatalogChanges({ filters, set, attempt, again }) {
  const text = useTexts();
  const since = startOf(filters.since);
  const path = Number.isFinite(since) && since >= 0
    ? withQuery("/catalog/changes", { since, type: filters.changes_type, kind: filters.kind })
    : null;
  const types = filters.changes_type ? [filters.changes_type] : VENDORS;
  const { items, loading, isCut, error } = useChanges(path, types, attempt);
  const productName = useProductNames(items, attempt);
  const days = useMemo(() => byDay(items), [items]);
  /** @param {string[]} values @param {string} prefix @returns {[string, string][]} */
  const named = (values, prefix) => values.map((value) => [value, text(`${prefix}.${value}`)]);
  /**
   * @param {"changes_type" | "kind"} name
   * @param {string} label
   * @param {string} all
   * @param {[string, string][]} options
   */
  const choice = (name, label, all, options) => html`<label>
    <span>${label}</span>
    <select value=${filters[name]} data-set=${filters[name] ? "" : undefined}
      onChange=${/** @param {any} event */ (event) => set({ [name]: event.currentTarget.value })}>
      <option value="">${all}</option>
      ${options.map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}
    </select>
  </label>`;
  return html`<section class="panel" aria-labelledby="catalog-changes">
    <h2 id="catalog-changes">${text("catalog.changes")}</h2>
    <search class="filters flat labelled">
      <label>
        <span>${text("catalog.since")}</span>
        <input type="date" value=${filters.since} max=${dayOf(Date.now())}
          onChange=${/** @param {any} event */ (event) => set({ since: event.currentTarget.value })} />
      </label>
      ${choice("changes_type", text("filter.type"), text("filter.all_vendors"), named(VENDORS, "vendor"))}
      ${choice("kind", text("catalog.kind"), text("catalog.all_kinds"), named(KINDS, "catalog.kind"))}
    </search>
    <p class="quiet-text" role="status">
      ${loading && text("list.loading")}
      ${!loading && !error && text("catalog.changes_count", { count: items.length, shown: number(items.length) })}
      ${isCut && ` ${text("catalog.changes_cut", { shown: number(MOST) })}`}
    </p>
    ${error && html`<${Failure} error=${error} retry=${again} />`}
    ${days.map(
      ([day, groups]) => html`<div key=${day} class="day">
        <h3><time datetime=${day}>${dayText(startOf(day))}</time></h3>
        ${groups.map((entries) => html`<${ChangeGroup} key=${groupKey(entries[0])} entries=${entries}
          productName=${productName} />`)}
      </div>`,
    )}
  </section>`;
}

/** @param {number} ms */
function dayText(ms) {
  return new Intl.DateTimeFormat(language.get() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "full" }).format(ms);
}

/** @param {any} entry */
function groupKey({ type, site, last_change }) {
  return `${type}/${site}/${last_change.change}`;
}

/** @param {{ entries: any[], productName: (entry: any) => string | undefined }} props */
function ChangeGroup({ entries, productName }) {
  const text = useTexts();
  const [{ type, site, last_change }] = entries;
  const [isOpen, setOpen] = useState(entries.length <= OPEN_UP_TO);
  const [shown, setShown] = useState(SHOWN);
  const follow = /** @param {any} event */ (event) => setOpen(event.currentTarget.open);
  return html`<details open=${isOpen} onToggle=${follow}>
    <summary>
      <span class="badge change"
        data-change=${last_change.change}>${text(`catalog.change.${last_change.change}`)}</span>
      ${number(entries.length)} · <${VendorBadge} vendor=${type} /> ${text(`accounts.site.${site}`)}
    </summary>
    ${isOpen &&
    html`<ul class="entries">
      ${entries.slice(0, shown).map(
        (entry) => html`<li key=${`${entry.kind}${entry.product_id ?? ""}${entry.id}`}><${ChangedEntry} entry=${entry}
          product=${productName(entry)} /></li>`,
      )}
    </ul>`}
    ${isOpen && entries.length > shown &&
    html`<button type="button" onClick=${() => setShown(shown + SHOWN)}>
      ${text("catalog.more")} (${number(entries.length - shown)})
    </button>`}
  </details>`;
}

/** @param {{ entry: any, product?: string }} props */
function ChangedEntry({ entry, product }) {
  const text = useTexts();
  const fields = (entry.last_change.fields ?? []).map(
    (/** @type {string} */ field) => knownText(`catalog.field.${field}`) ?? field,
  );
  const about = [
    text(`catalog.kind.${entry.kind}`),
    entry.product_id && (product ?? entry.product_id),
    entry.other_name !== entry.name && entry.other_name,
  ];
  return html`<div class="entry">
    <p><span class="entry-name" dir="auto">${entry.name}</span> <code class="quiet-text">${entry.id}</code></p>
    <p class="quiet-text" dir="auto">${about.filter(Boolean).join(" · ")} · <${Time} ms=${entry.last_change.time} /></p>
    ${fields.length > 0 &&
    html`<p>${text("catalog.changed_fields", { fields: fields.join(text("accounts.separator")) })}</p>`}
  </div>`;
}

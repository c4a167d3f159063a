// The state of each catalog, and its refresh.

import { call } from "../../core/api.js";
import { exactTime, number } from "../../core/format.js";
import { html, useEffect, useMemo, useRef, useState } from "../../core/html.js";
import { knownText, useTexts } from "../../core/texts.js";
import { VendorBadge } from "../../parts/badge.js";
import { Time } from "../../parts/time.js";
import { WriteFailure } from "../accounts/write_failure.js";
import { useWrite } from "../accounts/write.js";
import { catalogsOf, useRuns } from "./runs.js";

/** @typedef {{ type: string, site: string, firstAccount: string }} Catalog */

/**
 * What a run gave for a catalog, as far as it is told.
 * @param {any} run
 * @param {{ type: string, site: string }} catalog
 */
function resultOf(run, { type, site }) {
  return run.vendors.find((/** @type {any} */ one) => one.type === type && one.site === site);
}

/**
 * Whether a run is about this catalog: one that goes on, or failed as a whole, may not tell of it yet.
 * @param {any} run
 * @param {Catalog} catalog
 */
function isAbout(run, catalog) {
  if (resultOf(run, catalog)) return true;
  return (!run.type || run.type === catalog.type) && (!run.end_time || Boolean(run.error));
}

/** @param {any[]} runs newest first @param {Catalog} catalog */
function stateOf(runs, catalog) {
  const [last] = runs.filter((run) => isAbout(run, catalog));
  const result = last && resultOf(last, catalog);
  const complete = runs.find((run) => resultOf(run, catalog)?.state === "complete");
  return { last, result, complete, state: result?.state ?? last?.state ?? "unknown",
    error: result?.error ?? last?.error };
}

/** @param {{ accounts: any[], mayRefresh: boolean, onEnd: () => void }} props `onEnd`: a run has ended */
export function RefreshPanel({ accounts, mayRefresh, onEnd }) {
  const text = useTexts();
  const catalogs = useMemo(() => catalogsOf(accounts), [accounts]);
  const { runs, add } = useRuns(catalogs.map(({ firstAccount }) => firstAccount));
  const write = useWrite();
  const [asked, setAsked] = useState("");
  const refresh = async (/** @type {string} */ type) => {
    setAsked(type || "all");
    const done = await write.run(
      async (key) => (await call("POST", "/catalog/refresh", { body: type ? { type } : {}, key })).body,
      type,
    );
    if (done) add(done.result);
  };
  const going = runs.filter((run) => !run.end_time);
  const wasGoing = useRef(0);
  useEffect(() => {
    if (wasGoing.current > going.length) onEnd();
    wasGoing.current = going.length;
  }, [going.length]);
  const isGoing = /** @param {string} type */ (type) => going.some((run) => !run.type || run.type === type);
  /** What a button says. @param {string} name @param {boolean} goes @param {string} otherwise */
  const stateText = (name, goes, otherwise) =>
    write.busy && asked === name ? "catalog.asking" : goes ? "catalog.refreshing" : otherwise;
  return html`<section class="panel catalog-state" aria-labelledby="catalog-state">
    <div class="section-head">
      <h2 id="catalog-state">${text("catalog.state")}</h2>
      ${mayRefresh &&
      html`<button type="button" class="primary" disabled=${write.busy || going.length > 0 || catalogs.length === 0}
        onClick=${() => refresh("")}>
        ${text(stateText("all", going.length > 0, "catalog.refresh_all"))}
      </button>`}
    </div>
    <p class="hint">${text("catalog.state_about")}</p>
    ${Boolean(write.error) && html`<${WriteFailure} error=${write.error} />`}
    <div role="status" aria-live="polite">
      ${going.map((run) => html`<${RunProgress} key=${run.id} run=${run} catalogs=${catalogs} />`)}
    </div>
    ${catalogs.length === 0 && html`<p class="empty">${text("catalog.no_accounts")}</p>`}
    <ul class="catalogs">
      ${catalogs.map(
        (catalog) => html`<${CatalogRow} key=${catalog.type + catalog.site} catalog=${catalog} runs=${runs}>
          ${mayRefresh &&
          html`<button type="button" disabled=${write.busy || isGoing(catalog.type)}
            onClick=${() => refresh(catalog.type)}
            aria-label=${text("catalog.refresh_one", { vendor: text(`vendor.${catalog.type}`) })}>
            ${text(stateText(catalog.type, isGoing(catalog.type), "catalog.refresh"))}
          </button>`}
        <//>`,
      )}
    </ul>
  </section>`;
}

/** @param {{ run: any, catalogs: Catalog[] }} props */
function RunProgress({ run, catalogs }) {
  const text = useTexts();
  const all = catalogs.filter((catalog) => isAbout(run, catalog));
  const done = all.filter((catalog) => ["complete", "failed"].includes(resultOf(run, catalog)?.state)).length;
  const words = text("catalog.progress", { done, all: all.length });
  return html`<p class="progress">
    <progress aria-label=${text("catalog.refreshing")} max=${Math.max(1, all.length)}
      value=${run.state === "pending" ? undefined : done}></progress>
    <span>${text(`catalog.run.${run.state}`)} · ${words} · <${Time} ms=${run.create_time} /></span>
  </p>`;
}

/** @param {string} code */
function known(code) {
  return knownText(`catalog.problem.${code}`) ?? knownText(`accounts.problem.${code}`) ?? knownText(`problem.${code}`);
}

/** @param {{ catalog: Catalog, runs: any[], children?: any }} props */
function CatalogRow({ catalog, runs, children }) {
  const text = useTexts();
  const { last, result, complete, state, error } = stateOf(runs, catalog);
  const shown = result ?? (complete && resultOf(complete, catalog));
  return html`<li>
    <div class="catalog-name">
      <strong><${VendorBadge} vendor=${catalog.type} /> ${text(`accounts.site.${catalog.site}`)}</strong>
      <span class="badge run" data-state=${state}>${text(`catalog.run.${state}`)}</span>
      <span class="quiet-text">
        ${complete
          ? html`${text("catalog.last_complete")} <${Time} ms=${complete.end_time ?? complete.create_time} relative />`
          : text("catalog.no_run")}
      </span>
    </div>
    ${shown &&
    html`<dl class="counts">
      ${["added", "changed", "removed", "unchanged", "failed"].map(
        (name) => html`<div key=${name} data-name=${name} data-zero=${shown[name] === 0 ? "" : undefined}>
          <dt>${text(`catalog.count.${name}`)}</dt><dd>${number(shown[name])}</dd>
        </div>`,
      )}
    </dl>`}
    ${children}
    ${error &&
    html`<div class="write-failure">
      <p>${known(error.code) ?? text("catalog.failed")}</p>
      <p class="told"><code>${error.code}</code> <span lang="en">${error.detail}</span></p>
      <p class="told">${last && exactTime(last.end_time ?? last.create_time)} · ${text("catalog.kept")}</p>
    </div>`}
  </li>`;
}

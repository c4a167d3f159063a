// The refresh runs that are known here. The API shows a run by its id and lists none: so this browser remembers those
// that it started, and the first one of a catalog has the id of the account that started it.

import { ApiError, get } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";
import { store, stored } from "../../core/settings.js";

/** How many runs are remembered. */
const MOST = 8;
/** How often a run that goes on is asked for. */
const POLL_MS = 1_500;
const POLL_AFTER_FAILURE_MS = 6_000;

/** @returns {string[]} newest first */
function remembered() {
  try {
    const ids = JSON.parse(stored("catalog_runs") ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string[]} ids */
function remember(ids) {
  store("catalog_runs", JSON.stringify(ids.slice(0, MOST)));
}

/** The catalogs: one for each vendor and site that has an account. @param {any[]} accounts */
export function catalogsOf(accounts) {
  /** @type {Map<string, { type: string, site: string, firstAccount: string }>} */
  const catalogs = new Map();
  for (const { id, type, site } of [...accounts].sort((a, b) => a.create_time - b.create_time)) {
    const key = `${type}/${site}`;
    if (!catalogs.has(key)) catalogs.set(key, { type, site, firstAccount: id });
  }
  return [...catalogs.values()].sort((a, b) => (`${a.type}${a.site}` < `${b.type}${b.site}` ? -1 : 1));
}

/**
 * @param {string[]} others ids of runs that this browser has not started
 * @returns {{ runs: any[], add: (run: any) => void }} newest first; those that go on are asked for until they end
 */
export function useRuns(others) {
  const [ids, setIds] = useState(remembered);
  const [runs, setRuns] = useState(/** @type {Record<string, any>} */ ({}));
  const wanted = [...new Set([...ids, ...others])].join(" ");
  useEffect(() => {
    const stopped = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let open = wanted.split(" ").filter(Boolean);
    const read = async () => {
      let failed = false;
      if (!document.hidden) {
        for (const id of open) {
          try {
            const run = await get(`/catalog/refreshes/${encodeURIComponent(id)}`, { signal: stopped.signal });
            if (stopped.signal.aborted) return;
            if (run.end_time) open = open.filter((other) => other !== id);
            setRuns((now) => ({ ...now, [id]: run }));
          } catch (error) {
            if (stopped.signal.aborted) return;
            // It is too old, or the account had a catalog at once.
            if (error instanceof ApiError && error.problem.status === 404) open = open.filter((other) => other !== id);
            else failed = true;
          }
        }
      }
      if (open.length > 0) timer = setTimeout(read, failed ? POLL_AFTER_FAILURE_MS : POLL_MS);
    };
    read();
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [wanted]);
  const add = /** @param {any} run */ (run) => {
    const next = [run.id, ...remembered().filter((id) => id !== run.id)].slice(0, MOST);
    remember(next);
    setRuns((now) => ({ ...now, [run.id]: run }));
    setIds(next);
  };
  return { runs: Object.values(runs).sort((a, b) => b.create_time - a.create_time), add };
}

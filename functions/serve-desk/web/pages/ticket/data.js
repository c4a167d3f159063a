// What the page of a ticket reads: the ticket, its account, what its vendor can do, and the names of the catalog.

import { ApiError, get, getAll, withQuery } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";

/** How often a ticket is read again: while something is under way, while it is open, and then. */
const POLL_MS = { busy: 3_000, open: 8_000, closed: 60_000 };

/** Reads of this page's lifetime that hardly ever change. @type {Map<string, Promise<any>>} */
const kept = new Map();

/** Whether its outcome is still awaited. @param {any} ticket */
export function isBusy(ticket) {
  return ["creating", "unknown", "closing"].includes(ticket?.state);
}

/** @param {string} id */
export function useTicket(id) {
  const [interval, setPollInterval] = useState(POLL_MS.open);
  const polled = usePolled(`/tickets/${encodeURIComponent(id)}`, interval);
  const state = polled.data && (isBusy(polled.data) ? "busy" : polled.data.state === "closed" ? "closed" : "open");
  useEffect(() => {
    if (state) setPollInterval(POLL_MS[/** @type {keyof typeof POLL_MS} */ (state)]);
  }, [state]);
  const { error } = polled;
  const gone = error instanceof ApiError && error.problem.status === 404;
  return { ...polled, gone };
}

/**
 * A value that is read once for all pages; nothing until then, and where it can't be read, which `error` then says.
 * @param {string | null} key
 * @param {() => Promise<any>} read
 */
function useKept(key, read) {
  const [state, setState] = useState(
    /** @type {{ key: string | null, value: any, error: unknown }} */ ({ key: null, value: null, error: null }),
  );
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (key === null) return;
    let wanted = true;
    if (!kept.has(key)) kept.set(key, read());
    kept.get(key)?.then(
      (value) => wanted && setState({ key, value, error: null }),
      (error) => {
        // It is read again on request, and by the next page.
        kept.delete(key);
        if (wanted) setState({ key, value: null, error });
      },
    );
    return () => {
      wanted = false;
    };
  }, [key, attempt]);
  const { value, error } = state.key === key ? state : { value: null, error: null };
  return { value, error, retry: () => setAttempt((now) => now + 1) };
}

/**
 * What the vendor can do.
 * @param {string | undefined} type
 */
export function useCapability(type) {
  const { value, error, retry } = useKept(type ? "vendors" : null, () => get("/vendors"));
  const capability = value?.items.find((/** @type {any} */ vendor) => vendor.type === type) ?? null;
  return { capability, error, retry };
}

/** @param {string | undefined} id */
export function useAccount(id) {
  return useKept(id ? `account/${id}` : null, () => get(`/accounts/${encodeURIComponent(id ?? "")}`)).value;
}

/**
 * The catalog's entries of a ticket's product and problem type.
 * @param {any} ticket
 * @param {string | undefined} site
 */
export function useCatalogNames(ticket, site) {
  const { type, product_id, product_business_id } = ticket ?? {};
  const productsKey = site && product_id ? `products/${type}/${site}` : null;
  const typesKey = site && product_id && product_business_id ? `types/${type}/${site}/${product_id}` : null;
  const products = useKept(productsKey, () => getAll(withQuery("/catalog/products", { type, site })));
  const types = useKept(typesKey, () => getAll(withQuery("/catalog/product-types", { type, site, product_id })));
  /** @param {any[] | null} entries @param {string} id */
  const named = (entries, id) => entries?.find((entry) => entry.id === id) ?? null;
  return { product: named(products.value, product_id), problemType: named(types.value, product_business_id) };
}

/**
 * The console of the account's site.
 * @param {any} capability
 * @param {any} account
 * @returns {string | undefined}
 */
export function consoleOf(capability, account) {
  return account?.site === "international" ? capability?.console_international : capability?.console;
}

/**
 * A caller as people name it: the name of its token, or the end of its ARN.
 * @param {{ id: string, name?: string } | undefined} actor
 */
export function actorName(actor) {
  return actor && (actor.name ?? actor.id.split(/[/:]/).pop() ?? actor.id);
}

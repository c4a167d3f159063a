// What the vendors can do (`GET /vendors`), read once.

import { get } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";

/** @type {any[] | null} */
let known = null;

/** @returns {any[] | null} nothing until they are read; a page then offers what every vendor has */
export function useVendors() {
  const [vendors, setVendors] = useState(known);
  useEffect(() => {
    if (known) return;
    const stopped = new AbortController();
    get("/vendors", { signal: stopped.signal }).then(
      ({ items }) => setVendors((known = items)),
      () => {},
    );
    return () => stopped.abort();
  }, []);
  return vendors;
}

/**
 * Whether the vendor's tickets can be handled here: not where its API has none.
 * @param {any[] | null} vendors
 * @param {string} type
 */
export function hasTickets(vendors, type) {
  return vendors?.find((vendor) => vendor.type === type)?.tickets ?? true;
}

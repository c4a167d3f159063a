// The products' names, for problem types, which name their product by its id alone. Read once for a vendor and site.

import { getAll, withQuery } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";

/** @type {Map<string, Promise<Map<string, string>>>} */
const read = new Map();
/** @type {Map<string, Map<string, string>>} */
const known = new Map();

/** @param {string} catalog `<vendor>/<site>` */
async function load(catalog) {
  const [type, site] = catalog.split("/");
  const products = await getAll(withQuery("/catalog/products", { type, site }));
  const names = new Map(products.map(({ id, name }) => [id, name]));
  known.set(catalog, names);
  return names;
}

/** After a refresh the names may be others. */
export function forgetNames() {
  read.clear();
}

/**
 * @param {any[]} entries
 * @param {number} attempt changes when the names are forgotten, so that they are read again
 * @returns {(entry: any) => string | undefined} the name of an entry's product, once it is read
 */
export function useProductNames(entries, attempt) {
  const ofProducts = entries.filter((entry) => entry.product_id).map(({ type, site }) => `${type}/${site}`);
  const catalogs = [...new Set(ofProducts)].sort().join(" ");
  const [, setCount] = useState(0);
  useEffect(() => {
    let isHere = true;
    for (const catalog of catalogs.split(" ").filter(Boolean)) {
      if (!read.has(catalog)) read.set(catalog, load(catalog));
      read.get(catalog)?.then(
        () => isHere && setCount((now) => now + 1),
        () => read.delete(catalog),
      );
    }
    return () => {
      isHere = false;
    };
  }, [catalogs, attempt]);
  return ({ type, site, product_id }) => known.get(`${type}/${site}`)?.get(product_id);
}

// Every account, for filters and names.

import { getAll } from "../../core/api.js";
import { useEffect, useState } from "../../core/html.js";

/** @returns {any[]} none where they can't be read: then ids are shown. @param {boolean} [isAllowed] */
export function useAllAccounts(isAllowed = true) {
  const [accounts, setAccounts] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    const stopped = new AbortController();
    if (isAllowed) getAll("/accounts", undefined, stopped.signal).then(setAccounts, () => {});
    return () => stopped.abort();
  }, [isAllowed]);
  return accounts;
}

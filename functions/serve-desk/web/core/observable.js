// A value that components follow.

import { useEffect, useState } from "./html.js";

/**
 * @template T
 * @typedef {{ get(): T, set(value: T): void, follow(listener: (value: T) => void): () => void }} Observable
 */

/**
 * A value whose listeners are told of each change.
 * @template T
 * @param {T} value
 * @returns {Observable<T>}
 */
export function observable(value) {
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * The value, and a new rendering with each change of it.
 * @template T
 * @param {Observable<T>} source
 * @returns {T}
 */
export function useObservable(source) {
  const [value, setValue] = useState(source.get());
  useEffect(() => {
    setValue(source.get());
    return source.follow(setValue);
  }, [source]);
  return value;
}

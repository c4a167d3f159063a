// The time as a value of a component.

import { useEffect, useState } from "./html.js";

/**
 * The time now, and a new rendering again and again, for what is shown relative to it.
 * @param {number} intervalMs
 */
export function useNow(intervalMs) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}

// Shortcuts of one key. They rest while the person types, and while a dialog is open.

import { useLayoutEffect } from "./html.js";

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/**
 * @param {Record<string, () => void>} shortcuts by the key's value, such as `j` or `?`
 */
export function useShortcuts(shortcuts) {
  // Not after the next paint: a second key may come before it.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
      // A link or a button has its own use of this key.
      if (event.key === "Enter" && event.target instanceof Element && event.target.closest("a, button, summary")) return;
      const action = shortcuts[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

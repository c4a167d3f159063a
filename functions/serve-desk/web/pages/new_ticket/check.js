// The API's own check of a ticket that is not sent yet: bad fields and secrets in the text.

import { ApiError, call, newKey } from "../../core/api.js";
import { useRef, useState } from "../../core/html.js";
import { fieldErrors } from "../../core/problems.js";
import { byField } from "./body.js";

/**
 * @typedef {{ errors: Record<string, string>, warnings: Record<string, string>, problem: unknown }} Checked
 *   `warnings` are by the field; `problem`: why it could not be checked, or what is no field's error
 */

/** @type {Checked} */
const NOTHING = { errors: {}, warnings: {}, problem: null };

/** @param {unknown} error @returns {Checked} */
export function refusalOf(error) {
  const errors = byField(fieldErrors(error));
  return { errors, warnings: {}, problem: error };
}

export function useCheck() {
  const [checked, setChecked] = useState(NOTHING);
  const last = useRef("");
  const count = useRef(0);
  return {
    checked,
    set: setChecked,
    /** What is typed in a field is not what was refused any more. @param {string[]} names */
    forget(names) {
      setChecked((now) => {
        const without = /** @param {Record<string, string>} fields */ (fields) =>
          Object.fromEntries(
            Object.entries(fields).filter(
              ([name]) => !names.some((changed) => name === changed || name.startsWith(`${changed}/`)),
            ),
          );
        return { errors: without(now.errors), warnings: without(now.warnings), problem: now.problem };
      });
    },
    /**
     * @param {any} body
     * @param {{ again: boolean }} options `again`: also where this body was the last one that was checked
     * @returns {Promise<Checked | null>} nothing where it was, or where another check has begun since
     */
    async check(body, { again }) {
      const sent = JSON.stringify(body);
      if (!again && sent === last.current) return null;
      last.current = sent;
      const number = ++count.current;
      /** @type {Checked} */
      let result;
      try {
        // Nothing is written, so its key stands for nothing.
        const { body: answer } = await call("POST", "/tickets?validate_only=true", { body, key: newKey() });
        const warnings = (answer.warnings ?? []).map(
          /** @param {any} one */ (one) => [one.pointer.replace(/^\//, ""), one.detail],
        );
        result = { errors: {}, warnings: Object.fromEntries(warnings), problem: null };
      } catch (error) {
        result = refusalOf(error);
      }
      if (number !== count.current) return null;
      // Without an answer the same body is checked again.
      if (result.problem && !(result.problem instanceof ApiError)) last.current = "";
      setChecked(result);
      return result;
    },
  };
}

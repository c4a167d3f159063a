// A write of one control: it shows that it works, fails beside the control, and is repeated with its key.

import { ApiError, call, newKey } from "../../core/api.js";
import { html, useCallback, useRef, useState } from "../../core/html.js";
import { mayHaveTakenEffect } from "../../core/problems.js";
import { useTexts } from "../../core/texts.js";
import { ErrorWords } from "../../parts/failure.js";

/** @typedef {{ busy: boolean, error: unknown, uncertain: boolean }} WriteState */

/**
 * @typedef {{ body?: unknown, seen?: string | null, keyed?: boolean, keepsKey?: boolean }} WriteOptions
 * @typedef {WriteState & {
 *   run: (method: string, path: string, options?: WriteOptions) => Promise<import("../../core/api.js").Answer | null>
 * }} Write
 */

/** @type {WriteState} */
const IDLE = { busy: false, error: null, uncertain: false };

/**
 * Whether the request may have been carried out, also where an earlier one may have been and this one says nothing.
 * @param {unknown} error
 * @param {boolean} before
 */
export function staysUncertain(error, before) {
  if (mayHaveTakenEffect(error)) return true;
  if (!(error instanceof ApiError)) return before;
  if (error.problem.code === "idempotency_key_in_use") return true;
  return before && [401, 412, 429].includes(error.problem.status);
}

/** @param {unknown} error */
export function isStale(error) {
  return error instanceof ApiError && error.problem.status === 412;
}

/**
 * @param {() => void} onStale what was shown is no longer so: it is read again
 * @returns {Write}
 *   `run` gives nothing where it failed; `uncertain`: it is to be repeated as it is, and what it sends must not be
 *   changed; `keepsKey`: after a 202 the same request asks again with its key
 */
export function useWrite(onStale) {
  const [state, setState] = useState(IDLE);
  const intent = useRef(/** @type {{ signature: string, key: string, uncertain: boolean } | null} */ (null));
  const run = useCallback(
    /** @param {string} method @param {string} path @param {any} [options] */
    async (method, path, { body, seen, keyed = true, keepsKey = false } = {}) => {
      const signature = JSON.stringify([method, path, body]);
      if (intent.current?.signature !== signature) intent.current = { signature, key: newKey(), uncertain: false };
      const current = intent.current;
      setState({ ...IDLE, busy: true });
      try {
        const answer = await call(method, path, { body, seen, key: keyed ? current.key : undefined });
        if (!(keepsKey && answer.status === 202)) intent.current = null;
        setState(IDLE);
        return answer;
      } catch (error) {
        current.uncertain = staysUncertain(error, current.uncertain);
        if (!current.uncertain) intent.current = null;
        setState({ busy: false, error, uncertain: current.uncertain });
        if (isStale(error)) onStale();
        return null;
      }
    },
    [onStale],
  );
  return { ...state, run };
}

/**
 * What a failed write says, beside its control.
 * @param {{ write: WriteState }} props
 */
export function WriteProblem({ write: { error, uncertain } }) {
  const text = useTexts();
  if (!error) return null;
  const { vendor = undefined, errors = [] } = error instanceof ApiError ? error.problem : {};
  return html`<div class="write-problem" role="alert">
    <p>${isStale(error) ? text("ticket.changed_meanwhile") : html`<${ErrorWords} error=${error} />`}</p>
    ${errors.length > 0 && html`<ul>
      ${errors.map(({ pointer, detail }) => html`<li key=${pointer}>
        ${pointer && html`<code>${pointer}</code> `}<span lang="en">${detail}</span>
      </li>`)}
    </ul>`}
    ${vendor && html`<p class="hint">${text("ticket.vendor_said", {
      vendor: text(`vendor.${vendor.type}`), code: vendor.code ?? "—", request: vendor.request_id ?? "—",
    })}</p>`}
    ${uncertain && html`<p class="hint">${text("ticket.repeat_is_safe")}</p>`}
  </div>`;
}

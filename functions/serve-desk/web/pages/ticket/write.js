// A write of one control: it shows that it works, fails beside the control, and is repeated with its key.

import { ApiError, call, newKey } from "../../core/api.js";
import { html, useCallback, useState } from "../../core/html.js";
import { staysUncertain } from "../../core/problems.js";
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
 * The keys of requests that may have been carried out, by the request: also when its dialog is closed and opened again.
 * @type {Map<string, { key: string, uncertain: boolean }>}
 */
const unsettled = new Map();

/** @param {string} method @param {string} path @param {unknown} [body] */
const signatureOf = (method, path, body) => JSON.stringify([method, path, body]);

/**
 * Whether this request may have been carried out, so that it is to be asked again.
 * @param {string} method @param {string} path
 */
export function isUnsettled(method, path) {
  return unsettled.has(signatureOf(method, path));
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
  const run = useCallback(
    /** @param {string} method @param {string} path @param {any} [options] */
    async (method, path, { body, seen, keyed = true, keepsKey = false } = {}) => {
      const signature = signatureOf(method, path, body);
      const intent = unsettled.get(signature) ?? { key: newKey(), uncertain: false };
      unsettled.set(signature, intent);
      setState({ ...IDLE, busy: true });
      try {
        const answer = await call(method, path, { body, seen, key: keyed ? intent.key : undefined });
        if (keepsKey && answer.status === 202) intent.uncertain = true;
        else unsettled.delete(signature);
        setState(IDLE);
        return answer;
      } catch (error) {
        intent.uncertain = staysUncertain(error, intent.uncertain);
        if (!intent.uncertain) unsettled.delete(signature);
        setState({ busy: false, error, uncertain: intent.uncertain });
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

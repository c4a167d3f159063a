// Why a write failed, beside what it concerns: in words, with the vendor's own code and the ids for its support.

import { ApiError, NoAnswer } from "../../core/api.js";
import { html } from "../../core/html.js";
import { mayHaveTakenEffect, wordsOf } from "../../core/problems.js";
import { knownText, useTexts } from "../../core/texts.js";
import { Copyable } from "../audit/copyable.js";
import { ChangedMeanwhile } from "./write.js";

/** @param {unknown} error */
function words(error) {
  if (error instanceof ChangedMeanwhile) return { main: knownText("accounts.problem.changed"), detail: undefined };
  if (error instanceof NoAnswer) return { main: knownText("accounts.lost"), detail: undefined };
  const general = wordsOf(error);
  const main = error instanceof ApiError && knownText(`accounts.problem.${error.problem.code}`);
  return main ? { main, detail: error.problem.detail } : general;
}

/** @param {{ error: unknown, children?: any, repeats?: boolean }} props `repeats`: the same button repeats the write */
export function WriteFailure({ error, children, repeats = true }) {
  const text = useTexts();
  const { main, detail } = words(error);
  const problem = error instanceof ApiError ? error.problem : null;
  const lost = error instanceof NoAnswer || mayHaveTakenEffect(error);
  return html`<div class="write-failure" role="alert">
    <p>${main}</p>
    ${detail && html`<p class="told" lang="en">${detail}</p>`}
    ${repeats && lost && html`<p>${text("accounts.repeat")}</p>`}
    ${problem?.vendor &&
    html`<p class="told">${text("accounts.vendor_says", { vendor: text(`vendor.${problem.vendor.type}`) })}${" "}
      ${problem.vendor.code && html`<code>${problem.vendor.code}</code> `}
      ${problem.vendor.request_id &&
      html`<${Copyable} value=${problem.vendor.request_id} what=${text("audit.vendor_request_id")} />`}
    </p>`}
    ${typeof problem?.request_id === "string" &&
    html`<p class="told">
      ${text("audit.request_id")} <${Copyable} value=${problem.request_id} what=${text("audit.request_id")} />
    </p>`}
    ${children}
  </div>`;
}

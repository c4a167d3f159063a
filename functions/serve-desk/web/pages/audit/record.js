// One record of the audit: a row of the table, on a phone a card.

import { html } from "../../core/html.js";
import { knownText, useTexts } from "../../core/texts.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";
import { Copyable } from "./copyable.js";

/** @type {Record<string, string>} */
const OUTCOMES = {
  done: "audit.outcome.done",
  accepted: "audit.outcome.accepted",
  refused: "audit.outcome.refused",
  failed: "audit.outcome.failed",
};

/** @param {number} status */
function outcomeOf(status) {
  if (status === 202) return "accepted";
  return status < 300 ? "done" : status < 500 ? "refused" : "failed";
}

/**
 * The last part of an ARN, which tells a person who it is; the whole one stands in the title and in the filter.
 * @param {string} actor
 */
export function shortActor(actor) {
  return actor.startsWith("arn:") ? actor.split(":").slice(5).join(":") : actor;
}

/**
 * @param {{ record: any, accountName?: string,
 *   only: (change: { actor?: string, ticket?: string, account?: string }) => void }} props
 *   `only` narrows the list
 */
export function AuditRow({ record, accountName, only }) {
  const text = useTexts();
  const outcome = outcomeOf(record.status);
  const code = record.code && knownText(`problem.${record.code}`);
  /** @param {string} name @param {{ actor?: string, ticket?: string, account?: string }} change */
  const narrow = (name, change) => html`<button type="button" class="quiet small" title=${text("audit.only")}
    aria-label=${text("audit.only_these", { what: name })} onClick=${() => only(change)}>
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor"
      stroke-width="1.3">
      <path d="M2 3h12l-4.5 5.5V13l-3-1.5v-3z" />
    </svg>
  </button>`;
  return html`<tr role="row">
    <td role="cell" data-label=${text("audit.when")} class="when"><${Time} ms=${record.time} /></td>
    <td role="cell" data-label=${text("audit.what")} class="stacked">
      <span>${knownText(`audit.route.${record.route}`) ?? record.route}</span>
      <code class="quiet-text">${record.route}</code>
    </td>
    <td role="cell" data-label=${text("audit.outcome")} class="stacked">
      <span><span class="badge outcome" data-outcome=${outcome}>${record.status} ${text(OUTCOMES[outcome])}</span>
        ${record.replayed &&
        html` <span class="badge" title=${text("audit.replayed_about")}>${text("audit.replayed")}</span>`}</span>
      ${record.code && html`<code>${record.code}</code>`}
      ${code && html`<span class="quiet-text">${code}</span>`}
    </td>
    <td role="cell" data-label=${text("audit.who")} class="who">
      ${record.actor
        ? html`<span><span class="long" title=${record.actor}>${shortActor(record.actor)}</span>
            ${narrow(text("audit.who"), { actor: record.actor })}</span>`
        : text("audit.nobody")}
    </td>
    <td role="cell" data-label=${text("audit.about")} class="stacked about">
      ${record.ticket_id &&
      html`<span><${Link} to=${`/tickets/${encodeURIComponent(record.ticket_id)}`} title=${record.ticket_id}>
          ${text("audit.ticket", { id: record.ticket_id.slice(-6) })}<//>
        ${narrow(text("audit.filter.ticket"), { ticket: record.ticket_id })}</span>`}
      ${record.custom_id &&
      html`<span><${Link} to=${`/accounts/${encodeURIComponent(record.custom_id)}`} title=${record.custom_id}>
          ${accountName ?? text("audit.account", { id: record.custom_id.slice(-6) })}<//>
        ${narrow(text("filter.custom_id"), { account: record.custom_id })}</span>`}
      ${record.subject_id &&
      html`<span class="quiet-text subject">${text("audit.subject")} <code>${record.subject_id}</code></span>`}
    </td>
    <td role="cell" data-label=${text("audit.ids")} class="stacked ids">
      <${Copyable} value=${record.request_id} what=${text("audit.request_id")} short />
      ${record.vendor_request_id &&
      html`<span class="quiet-text">
        ${text("audit.vendor_short")}${" "}
        <${Copyable} value=${record.vendor_request_id} what=${text("audit.vendor_request_id")} short />
      </span>`}
    </td>
  </tr>`;
}

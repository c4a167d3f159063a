// What is known of a ticket beside its conversation.

import { duration } from "../../core/format.js";
import { html } from "../../core/html.js";
import { knownText, useTexts } from "../../core/texts.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";
import { actorName, consoleOf } from "./data.js";

/**
 * @param {{ ticket: any, account: any, capability: any, names: { product: any, problemType: any } }} props
 */
export function Facts({ ticket, account, capability, names }) {
  const text = useTexts();
  const consoleUrl = consoleOf(capability, account);
  /** @param {string} name @param {any} value */
  const fact = (name, value) => value !== undefined && value !== null && value !== false &&
    html`<div><dt>${text(`ticket.${name}`)}</dt><dd>${value}</dd></div>`;
  const time = /** @param {number | undefined} ms */ (ms) => ms !== undefined && html`<${Time} ms=${ms} />`;
  const actor = /** @param {any} by */ (by) => by && html`<bdi title=${by.id}>${actorName(by)}</bdi>`;
  return html`<section class="panel" aria-labelledby="facts">
    <h2 id="facts">${text("ticket.facts")}</h2>
    <dl class="facts">
      ${fact("vendor_id", ticket.cloud_id && html`<code>${ticket.cloud_id}</code>`)}
      ${fact("id", html`<code>${ticket.id}</code>`)}
      ${fact("account", html`<${AccountName} ticket=${ticket} account=${account} />`)}
      ${fact("product", ticket.product_id && html`<${Named} entry=${names.product} id=${ticket.product_id}
        removed=${ticket.product_removed_time} />`)}
      ${fact("problem_type", ticket.product_business_id && html`<${Named} entry=${names.problemType}
        id=${ticket.product_business_id} removed=${ticket.product_business_removed_time} />`)}
      ${fact("region", ticket.region_id)}
      ${fact("severity", ticket.severity && (knownText(`ticket.severity_${ticket.severity}`) ?? ticket.severity) +
        (ticket.severity_id ? ` · ${ticket.severity_id}` : ""))}
      ${fact("vendor_status", (ticket.vendor_phase || ticket.vendor_status) && html`
        ${ticket.vendor_phase && (knownText(`ticket.phase_${ticket.vendor_phase}`) ?? ticket.vendor_phase)}
        ${ticket.vendor_status && html` <code class="vendor-code">${ticket.vendor_status}</code>`}`)}
      ${fact("created", html`${time(ticket.create_time)}${ticket.created_by && html` · ${actor(ticket.created_by)}`}
        ${ticket.adopted && html` · ${text("ticket.adopted")}`}`)}
      ${fact("resolved_by", actor(ticket.resolved_by))}
      ${fact("first_response", time(ticket.first_response_time))}
      ${fact("last_support", time(ticket.last_support_time))}
      ${fact("last_customer", time(ticket.last_customer_time))}
      ${fact("updated", time(ticket.update_time))}
      ${fact("urged", ticket.urge_time !== undefined && html`${time(ticket.urge_time)}
        ${ticket.urged_by && html` · ${actor(ticket.urged_by)}`}`)}
      ${fact("closed", ticket.close_time !== undefined && ticket.state === "closed" && html`
        ${time(ticket.close_time)} · ${ticket.closed_by ? actor(ticket.closed_by) : text("ticket.ended_at_vendor")}`)}
      ${fact("resolution", ticket.resolution_ms !== undefined &&
        (ticket.resolution_ms < 1000 ? text("time.under_second") : duration(ticket.resolution_ms)))}
      ${fact("rating", ticket.rating && html`<${Rating} rating=${ticket.rating} />`)}
      ${fact("email", ticket.email)}
      ${fact("cc", ticket.cc?.length > 0 && ticket.cc.join(", "))}
      ${fact("contact", ticket.contact && contactText(ticket.contact))}
    </dl>
    ${ticket.extra && Object.keys(ticket.extra).length > 0 && html`<h3>${text("ticket.extra")}</h3>
      <dl class="facts">
        ${Object.entries(ticket.extra).map(([name, value]) => html`<div key=${name}><dt><bdi>${name}</bdi></dt>
          <dd><bdi>${typeof value === "string" ? value : JSON.stringify(value)}</bdi></dd></div>`)}
      </dl>`}
    ${consoleUrl && html`<p><a href=${consoleUrl} target="_blank" rel="noopener noreferrer">
      ${text("ticket.console", { vendor: text(`vendor.${ticket.type}`) })} ↗</a></p>`}
    ${capability && html`<${Missing} ticket=${ticket} capability=${capability} />`}
  </section>`;
}

/** What has to be done in the vendor's console. @param {{ ticket: any, capability: any }} props */
function Missing({ ticket, capability }) {
  const text = useTexts();
  const names = ["urging", "withdrawing", "rating", "reopening"].filter((name) => !capability[name]);
  if (names.length === 0) return null;
  const what = names.map((name) => text(`ticket.cannot_${name}`)).join(text("ticket.separator"));
  return html`<p class="hint">${text("ticket.only_in_console", { vendor: text(`vendor.${ticket.type}`), what })}</p>`;
}

/** @param {{ ticket: any, account: any }} props */
function AccountName({ ticket, account }) {
  return account
    ? html`<${Link} to=${`/accounts/${encodeURIComponent(ticket.custom_id)}`}>
        ${account.customer_id ?? ticket.custom_id}
      <//> <span class="place">${account.region_id}</span>`
    : html`<code class="unnamed">${ticket.custom_id}</code>`;
}

/** @param {{ entry: any, id: string, removed?: number }} props */
function Named({ entry, id, removed }) {
  const text = useTexts();
  return html`<bdi>${entry?.name ?? ""}</bdi>${!entry && html`<code class="unnamed">${id}</code>`}
    ${removed !== undefined && html` <span class="removed">
      ${text("ticket.removed_since")} <${Time} ms=${removed} />
    </span>`}`;
}

/** @param {{ rating: any }} props */
function Rating({ rating }) {
  const text = useTexts();
  const solved = text(rating.solved ? "ticket.solved_yes" : "ticket.solved_no");
  const parts = [rating.score, knownText(`ticket.score_${rating.score}`), solved];
  return html`${parts.join(" · ")} · <${Time} ms=${rating.time} />
    ${rating.comment && html`<br /><bdi>${rating.comment}</bdi>`}`;
}

/** @param {any} contact */
function contactText({ area_code, phone, email, time }) {
  const number = phone && `${area_code ? `+${area_code} ` : ""}${phone}`;
  return [number, email, time && time !== "0" ? time : undefined].filter(Boolean).join(" · ");
}

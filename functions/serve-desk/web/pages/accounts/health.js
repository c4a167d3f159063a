// How an account is: what stands against its work, the worst first.

import { html } from "../../core/html.js";
import { exactTime, shortTime } from "../../core/format.js";
import { knownText, useTexts } from "../../core/texts.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";

/** @typedef {"removing" | "failing" | "blocked" | "waiting" | "missing" | "unchecked" | "good"} Health */

/**
 * @param {any} account
 * @returns {Health[]} everything that stands against it; `good` alone where nothing does
 */
export function healthOf(account, now = Date.now()) {
  /** @type {[Health, boolean][]} */
  const found = [
    ["removing", Boolean(account.deleting)],
    ["failing", Boolean(account.health.last_error)],
    ["blocked", Boolean(account.blocked_close)],
    ["waiting", account.wait_until > now],
    ["missing", rightsOf(account, "missing").length > 0],
    ["unchecked", !account.health.last_check],
  ];
  const names = found.filter(([, is]) => is).map(([name]) => name);
  return names.length > 0 ? names : ["good"];
}

/** @param {any} account @param {string} state @returns {any[]} */
export function rightsOf(account, state) {
  return (account.rights?.items ?? []).filter((/** @type {any} */ right) => right.state === state);
}

/** @param {{ account: any }} props */
export function HealthBadges({ account }) {
  const text = useTexts();
  return html`<span class="badges">${healthOf(account).map(
    (health) => html`<span key=${health} class="badge" data-health=${health}>
      ${text(`accounts.health.${health}`)}
    </span>`,
  )}</span>`;
}

/** @param {{ account: any }} props */
export function HealthPanel({ account }) {
  const text = useTexts();
  const { health, blocked_close: blocked, wait_until: waitUntil } = account;
  return html`<section class="panel" aria-labelledby="account-health">
    <h2 id="account-health">${text("accounts.health")}</h2>
    <p><${HealthBadges} account=${account} /></p>
    <dl class="facts">
      <div>
        <dt>${text("accounts.last_check")}</dt>
        <dd>${health.last_check ? html`<${Time} ms=${health.last_check} relative /> (${shortTime(health.last_check)})`
          : text("accounts.never")}</dd>
      </div>
      ${health.last_error &&
      html`<div class="bad">
        <dt>${text("accounts.last_error")}</dt>
        <dd><${Told} error=${health.last_error} /></dd>
      </div>`}
      ${waitUntil > Date.now() &&
      html`<div>
        <dt>${text("accounts.waits")}</dt>
        <dd title=${exactTime(waitUntil)}>${text("accounts.wait_until", { time: shortTime(waitUntil) })}</dd>
      </div>`}
      ${blocked &&
      html`<div class="bad">
        <dt>${text("accounts.blocked_close")}</dt>
        <dd>
          <${Told} error=${blocked} />
          <p>
            <${Link} to=${`/tickets/${encodeURIComponent(blocked.ticket_id)}`}>${text("accounts.blocked_ticket")}<//>
          </p>
        </dd>
      </div>`}
      ${account.deleting &&
      html`<div class="bad">
        <dt>${text("accounts.removing")}</dt>
        <dd><${Time} ms=${account.deleting} /></dd>
      </div>`}
    </dl>
  </section>`;
}

/**
 * A problem that the API keeps: in words, with its code and its own sentence.
 * @param {{ error: { code: string, detail: string } }} props
 */
function Told({ error }) {
  const text = useTexts();
  const { code } = error;
  const known = knownText(`accounts.problem.${code}`) ?? knownText(`problem.${code}`) ?? text("problem.other");
  return html`<p>${known}</p><p class="told"><code>${error.code}</code> <span lang="en">${error.detail}</span></p>`;
}

// What an account's keys may do at the vendor, and what a person does where something is missing.

import { number } from "../../core/format.js";
import { html } from "../../core/html.js";
import { knownText, useTexts } from "../../core/texts.js";
import { Time } from "../../parts/time.js";
import { rightsOf } from "./health.js";

const MARKS = { granted: "✓", missing: "✕", unknown: "?" };

/** In one line, for the list. @param {{ account: any }} props */
export function RightsSummary({ account }) {
  const text = useTexts();
  if (!account.rights) return html`<span class="quiet-text">${text("accounts.rights_unread")}</span>`;
  const names = /** @param {string} state */ (state) =>
    rightsOf(account, state).map(({ name }) => text(`accounts.right.${name}`)).join(text("accounts.separator"));
  const [missing, unknown] = [names("missing"), names("unknown")];
  const counts = { granted: rightsOf(account, "granted").length, all: account.rights.items.length };
  return html`<span>${text("accounts.rights_granted", counts)}</span>
    ${missing && html`<span class="bad-text">${text("accounts.rights_missing", { names: missing })}</span>`}
    ${unknown && html`<span class="quiet-text">${text("accounts.rights_unknown", { names: unknown })}</span>`}`;
}

/** @param {{ account: any }} props */
export function RightsPanel({ account }) {
  const text = useTexts();
  return html`<section class="panel" aria-labelledby="account-rights">
    <h2 id="account-rights">${text("accounts.rights")}</h2>
    ${account.rights
      ? html`<p class="hint">
            ${text("accounts.rights_about")} ${text("accounts.rights_read")}${" "}
            <${Time} ms=${account.rights.check_time} relative />
          </p>
          <ul class="rights">
            ${account.rights.items.map(
              (/** @type {any} */ right) =>
                html`<${RightRow} key=${right.name} right=${right} vendor=${account.type} />`,
            )}
          </ul>`
      : html`<p class="hint">${text("accounts.rights_unread")}</p>`}
  </section>`;
}

/** @param {{ right: any, vendor: string }} props */
function RightRow({ right, vendor }) {
  const text = useTexts();
  const mark = MARKS[/** @type {keyof typeof MARKS} */ (right.state)] ?? "?";
  return html`<li data-state=${right.state}>
    <span class="mark" aria-hidden="true">${mark}</span>
    <div>
      <p><strong>${knownText(`accounts.right.${right.name}`) ?? right.name}</strong>${" "}
        <span class=${right.state === "granted" ? "visually-hidden" : "state-word"}>
          ${text(`accounts.right_state.${right.state}`)}
        </span>
        ${right.count !== undefined && html` · ${countText(right, text)}`}</p>
      ${right.state === "missing" && html`<p>${grantText(right, vendor)}</p>`}
      ${right.state === "unknown" && html`<p class="told">${reasonText(right)}</p>`}
      ${right.page &&
      html`<p><a href=${right.page} target="_blank" rel="noopener noreferrer">${text("accounts.right_page")}</a></p>`}
    </div>
  </li>`;
}

/** @param {any} right @param {(key: string, values?: any) => string} text */
function countText(right, text) {
  const key = `accounts.right_count.${right.name}`;
  const values = { count: right.count, shown: number(right.count) };
  return knownText(key) ? text(key, values) : number(right.count);
}

/**
 * What a person does: by the right, else by the vendor, else as the API says it.
 * @param {any} right
 * @param {string} vendor
 */
function grantText(right, vendor) {
  const byRight = knownText(`accounts.grant.${right.name}`);
  return byRight ?? knownText(`accounts.grant.${vendor}`) ?? right.detail;
}

/** Why it is not known: a failed read has a code. @param {any} right */
function reasonText(right) {
  if (!right.code) return knownText(`accounts.unread.${right.name}`) ?? right.detail;
  const known = knownText(`accounts.problem.${right.code}`) ?? knownText(`problem.${right.code}`);
  return html`${known} <span lang="en">${right.detail}</span> <code>${right.code}</code>`;
}

// What is known of a ticket that was sent and has no certain outcome yet, and what a person can do.

import { ApiError, NoAnswer, getAll, withQuery } from "../../core/api.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";
import { useTexts } from "../../core/texts.js";
import { StateBadge } from "../../parts/badge.js";
import { ErrorWords, Failure } from "../../parts/failure.js";
import { Field } from "../../parts/field.js";
import { Link } from "../../parts/link.js";
import { SecretInput } from "../../parts/secret_input.js";
import { Time } from "../../parts/time.js";
import { noSecrets, withSecrets } from "./body.js";
import { VendorSays } from "./problem.js";
import { CLOCKS_MS } from "./submission.js";

/** How often a ticket of unknown outcome is read. */
const FOLLOW_MS = 5_000;

/**
 * @param {{ submission: ReturnType<typeof import("./submission.js").useSubmission>,
 *   draft: import("../../core/drafts.js").Draft, form: any, onDiscard: () => void }} props
 */
export function Outcome({ submission, draft, form, onDiscard }) {
  const text = useTexts();
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const { shown: phase, error } = submission;
  const isShown = phase !== "editing" && draft.sent !== null;
  const isSending = submission.phase === "sending";
  useEffect(() => {
    // The button that was pressed is gone.
    if (isShown) heading.current?.focus();
  }, [isShown, phase]);
  if (!isShown || !draft.sent) return null;
  const { sent } = draft;
  const decisions = `/tickets?state=indeterminate&custom_id=${encodeURIComponent(sent.body.custom_id)}`;
  const ticketPage = sent.ticket_id ? `/tickets/${encodeURIComponent(sent.ticket_id)}` : decisions;
  const parts = {
    lost: () => html`
      <p><${Lost} error=${error} /></p>
      <p>${text("new.lost.repeats")}</p>
      <${VendorSays} error=${error} />
      <div class="actions">
        <button type="button" class="quiet" disabled=${isSending}
          onClick=${submission.edit}>${text("new.lost.edit")}</button>
        <button type="button" class="primary" disabled=${isSending} onClick=${submission.repeat}>
          ${text(isSending ? "new.sending" : "new.lost.now")}
        </button>
      </div>`,
    resend: () => html`<${Resend} submission=${submission} sent=${sent} form=${form} />`,
    unknown: () => html`<${Unknown} submission=${submission} sent=${sent} />`,
    indeterminate: () => html`
      <p>${text("new.indeterminate.about")}</p>
      <div class="actions">
        <${Link} class="button primary" to=${ticketPage}>${text("new.indeterminate.decide")}<//>
        <button type="button" onClick=${onDiscard}>${text("new.draft.discard")}</button>
      </div>`,
    removed: () => html`
      <p>${text("new.removed.about")}</p>
      <div class="actions">
        <button type="button" onClick=${onDiscard}>${text("new.draft.discard")}</button>
        <button type="button" class="primary" onClick=${submission.renew}>${text("new.removed.again")}</button>
      </div>`,
    arrived: () =>
      html`<${Search} submission=${submission} draft=${draft} about=${text("new.arrived.about")}
        onDiscard=${onDiscard} />`,
    expired: () =>
      html`<${Search} submission=${submission} draft=${draft} about=${text("new.expired.about")}
        onDiscard=${onDiscard} />`,
  };
  return html`<section class="outcome panel" data-phase=${phase} role=${phase === "lost" ? "status" : undefined}
    aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1" ref=${heading}>${text(`new.${phase}.title`)}</h2>
    ${parts[/** @type {keyof typeof parts} */ (phase)]()}
  </section>`;
}

/** @param {{ error: unknown }} props */
function Lost({ error }) {
  const text = useTexts();
  if (error === null) return text("new.lost.restored");
  if (error instanceof NoAnswer) return text("new.lost.no_answer");
  if (error instanceof ApiError && error.problem.code === "idempotency_key_in_use") return text("new.lost.running");
  return html`${text("new.lost.not_known")} <${ErrorWords} error=${error} />`;
}

/**
 * A 202: the ticket is read until it is settled.
 * @param {{ submission: any, sent: import("../../core/drafts.js").Sent }} props
 */
function Unknown({ submission, sent }) {
  const text = useTexts();
  const id = encodeURIComponent(sent.ticket_id ?? "");
  const { data, error } = usePolled(`/tickets/${id}`, FOLLOW_MS);
  const isGone = error instanceof ApiError && error.problem.code === "ticket_not_found";
  useEffect(() => {
    if (isGone) submission.removed();
    else if (data) submission.follow(data);
  }, [data, isGone]);
  return html`
    <p>${text("new.unknown.about")}</p>
    <p role="status">${text("new.unknown.since")} <${Time} ms=${sent.first_time} /> ·
      ${" "}${text("new.unknown.follows")}</p>
    ${error && !isGone && html`<${Failure} error=${error} />`}
    <div class="actions">
      <${Link} class="button" to=${`/tickets/${id}`}>${text("new.unknown.page")}<//>
      ${
        sent.withheld.length === 0 &&
        html`<button type="button" onClick=${submission.repeat}>${text("new.unknown.search")}</button>`
      }
    </div>`;
}

/**
 * After a reload the secrets are gone, and a repetition without them is another request.
 * @param {{ submission: any, sent: import("../../core/drafts.js").Sent, form: any }} props
 */
function Resend({ submission, sent, form }) {
  const text = useTexts();
  const [secrets, setSecrets] = useState(noSecrets);
  const [missing, setMissing] = useState(false);
  /** @param {string} name @param {string} value */
  const set = (name, value) => {
    setMissing(false);
    setSecrets(
      name === "secret_info"
        ? { ...secrets, secret_info: value }
        : { ...secrets, extra: { ...secrets.extra, [name.slice("extra/".length)]: value } },
    );
  };
  const labelOf = /** @param {string} name */ (name) =>
    name === "secret_info"
      ? text("new.secret_info")
      : (form?.properties.extra?.properties[name.slice(6)]?.title ?? name.slice(6));
  const valueOf = /** @param {string} name */ (name) =>
    name === "secret_info" ? secrets.secret_info : (secrets.extra[name.slice(6)] ?? "");
  const repeat = () => {
    if (sent.withheld.some((name) => !valueOf(name))) setMissing(true);
    else submission.repeatWith(withSecrets(sent, secrets));
  };
  return html`
    <p>${text("new.resend.about")}</p>
    ${sent.withheld.map(
      (
        name,
      ) => html`<${Field} key=${name} label=${labelOf(name)} required
        error=${missing && !valueOf(name) ? text("new.rule.required") : undefined}>
        ${
          /** @param {any} ids */ (ids) => html`<${SecretInput} ids=${ids} value=${valueOf(name)} multiline required
          onChange=${/** @param {string} value */ (value) => set(name, value)} />`
        }
      <//>`,
    )}
    <div class="actions">
      <button type="button" class="quiet" onClick=${submission.edit}>${text("new.lost.edit")}</button>
      <button type="button" class="primary" onClick=${repeat}>${text("new.lost.now")}</button>
    </div>`;
}

/**
 * The tickets that may be this one, where a repetition can't tell.
 * @param {{ submission: any, draft: import("../../core/drafts.js").Draft, about: string, onDiscard: () => void }} props
 */
function Search({ submission, draft, about, onDiscard }) {
  const text = useTexts();
  const sent = /** @type {import("../../core/drafts.js").Sent} */ (draft.sent);
  const names = [sent.body.name, draft.values.name];
  const [state, setState] = useState(
    /** @type {{ tickets: any[] | null, error: unknown }} */ ({ tickets: null, error: null }),
  );
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stopped = new AbortController();
    const path = withQuery("/tickets", { custom_id: sent.body.custom_id, from: sent.first_time - CLOCKS_MS });
    getAll(path, undefined, stopped.signal).then(
      (all) => setState({ tickets: all.filter((ticket) => names.includes(ticket.name)), error: null }),
      (error) => !stopped.signal.aborted && setState({ tickets: null, error }),
    );
    return () => stopped.abort();
  }, [sent, attempt]);
  const { tickets, error } = state;
  const found = text(tickets?.length ? "new.search.found" : "new.search.none");
  return html`
    <p>${about}</p>
    <${VendorSays} error=${submission.error} />
    ${error && html`<${Failure} error=${error} retry=${() => setAttempt(attempt + 1)} />`}
    <p role="status">${tickets ? found : !error && text("list.loading")}</p>
    ${
      tickets &&
      tickets.length > 0 &&
      html`<ul class="found">
      ${tickets.map(
        (
          ticket,
        ) => html`<li key=${ticket.id}>
            <${Link} to=${`/tickets/${encodeURIComponent(ticket.id)}`}><bdi>${ticket.name}</bdi><//>
          <${StateBadge} ticket=${ticket} /> <${Time} ms=${ticket.create_time} /></li>`,
      )}
    </ul>`
    }
    <div class="actions">
      <button type="button" onClick=${onDiscard}>${text("new.search.is_there")}</button>
      <button type="button" onClick=${submission.renew}>${text("new.search.not_there")}</button>
    </div>`;
}

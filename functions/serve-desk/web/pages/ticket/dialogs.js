// The dialogs of a ticket's actions. Each says what its action means before it is done.

import { characters } from "../../core/format.js";
import { html, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Dialog } from "../../parts/dialog.js";
import { Field } from "../../parts/field.js";
import { SendingState, mostCharacters, useSending } from "./sending.js";
import { WriteProblem, isUnsettled, useWrite } from "./write.js";

/**
 * @typedef {{ ticket: any, seen: string | null, capability: any, onClose: () => void, onStale: () => void,
 *   onDone: (answer: import("../../core/api.js").Answer) => void }} ActionDialogProps
 */

/** @param {any} ticket @param {string} [rest] */
function pathOf(ticket, rest = "") {
  return `/tickets/${encodeURIComponent(ticket.id)}${rest}`;
}

/**
 * A form with one button that does it.
 * @param {{ title: string, submit: string, danger?: boolean, ready?: boolean, ownProblem?: boolean,
 *   write: import("./write.js").WriteState, onSubmit: () => void, onClose: () => void, children?: any }} props
 *   `ownProblem`: the children say why it failed
 */
function ActionForm({ title, submit, danger, ready = true, ownProblem, write, onSubmit, onClose, children }) {
  const text = useTexts();
  // What is under way is seen to its end.
  const close = () => write.busy || onClose();
  return html`<${Dialog} title=${title} onClose=${close}>
    <form onSubmit=${/** @param {Event} event */ (event) => {
      event.preventDefault();
      if (ready && !write.busy) onSubmit();
    }}>
      ${children}
      ${!ownProblem && html`<${WriteProblem} write=${write} />`}
      <div class="actions">
        <button type="button" disabled=${write.busy} onClick=${close}>${text("action.cancel")}</button>
        <button class=${danger ? "danger" : "primary"} disabled=${write.busy || !ready}>
          ${write.busy ? text("ticket.working") : submit}
        </button>
      </div>
    </form>
  <//>`;
}

/** @param {ActionDialogProps & { pendingReplies: number, hasDraft: boolean }} props */
export function CloseDialog({ ticket, seen, capability, pendingReplies, hasDraft, onClose, onStale, onDone }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const vendor = text(`vendor.${ticket.type}`);
  const cancels = ticket.type === "HUAWEI" && ticket.vendor_phase === "waiting";
  const submit = async () => {
    const answer = await write.run("POST", pathOf(ticket, "/close"), { seen });
    if (answer) onDone(answer);
  };
  return html`<${ActionForm} title=${text("ticket.close_title")} submit=${text("ticket.close")} danger write=${write}
    onSubmit=${submit} onClose=${onClose}>
    <ul class="meaning">
      <li>${text("ticket.close_means_vendor", { vendor })}</li>
      <li>${text("ticket.close_means_archive")}</li>
      <li>${text(capability?.reopening ? "ticket.close_means_reopen" : "ticket.close_means_final", { vendor })}</li>
      ${cancels && html`<li>${text("ticket.close_means_cancelled")}</li>`}
    </ul>
    ${pendingReplies > 0 && html`<p class="caution">${text("ticket.close_pending", { count: pendingReplies })}</p>`}
    ${hasDraft && html`<p class="caution">${text("ticket.close_draft")}</p>`}
  <//>`;
}

/** @param {ActionDialogProps} props */
export function ReopenDialog({ ticket, seen, capability, onClose, onStale, onDone }) {
  const text = useTexts();
  const sending = useSending("reopening", ticket, onStale);
  const { content } = sending.draft;
  const max = mostCharacters(capability);
  const isFine = content.trim() !== "" && characters(content) <= max;
  const submit = async () => {
    const answer = await sending.send(async () => ({ content }), seen);
    if (answer) onDone(answer);
  };
  return html`<${ActionForm} title=${text("ticket.reopen_title")} write=${sending} ownProblem onSubmit=${submit}
    submit=${text(sending.uncertain ? "ticket.reply_again" : "ticket.reopen")}
    ready=${!sending.tooLate && (sending.uncertain || isFine)} onClose=${onClose}>
    <p>${text("ticket.reopen_means", { vendor: text(`vendor.${ticket.type}`) })}</p>
    <${Field} label=${text("ticket.reopen_why")} value=${content} max=${max} required>
      ${(/** @type {any} */ { id, describedBy }) => html`<textarea id=${id} aria-describedby=${describedBy} required
        readonly=${sending.locked} value=${content} dir="auto"
        onInput=${/** @param {any} event */ (event) => sending.type(event.currentTarget.value)}></textarea>`}
    <//>
    <${SendingState} sending=${sending} />
    ${sending.uncertain && html`<button type="button" onClick=${sending.edit}>
      ${text("ticket.reply_edit_anyway")}
    </button>`}
  <//>`;
}

/** @param {ActionDialogProps} props */
export function RateDialog({ ticket, seen, capability, onClose, onStale, onDone }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const [score, setScore] = useState(0);
  const [solved, setSolved] = useState(/** @type {boolean | null} */ (null));
  const [comment, setComment] = useState("");
  const { rating } = capability;
  const vendor = text(`vendor.${ticket.type}`);
  const max = Math.min(rating.max_comment_chars ?? 2000, 2000);
  const [unknown, setUnknown] = useState(false);
  const locked = write.busy || write.uncertain || unknown;
  // Elsewhere the key keeps its answer.
  const keepsKey = ticket.type === "HUAWEI";
  const submit = async () => {
    const body = { solved, score, ...(comment.trim() ? { comment } : {}) };
    const answer = await write.run("POST", pathOf(ticket, "/rating"), { body, seen, keepsKey });
    if (keepsKey && answer?.status === 202) setUnknown(true);
    else if (answer) onDone(answer);
  };
  return html`<${ActionForm} title=${text("ticket.rate_title", { vendor })}
    submit=${text(unknown ? "ticket.withdraw_again" : "ticket.rate")} write=${write} onSubmit=${submit}
    onClose=${onClose}
    ready=${score > 0 && solved !== null && characters(comment) <= max}>
    <fieldset class="choices" disabled=${locked}>
      <legend>${text("ticket.rate_score")}</legend>
      ${[1, 2, 3, 4, 5].map((value) => html`<label key=${value}>
        <input type="radio" name="score" checked=${score === value} onChange=${() => setScore(value)} />
        ${value} · ${text(`ticket.score_${value}`)}
      </label>`)}
    </fieldset>
    <fieldset class="choices" disabled=${locked}>
      <legend>${text("ticket.rate_solved")}</legend>
      ${[true, false].map((value) => html`<label key=${value}>
        <input type="radio" name="solved" checked=${solved === value} onChange=${() => setSolved(value)} />
        ${text(value ? "ticket.solved_yes" : "ticket.solved_no")}
      </label>`)}
      ${!rating.solved && html`<p class="hint">${text("ticket.rate_solved_kept", { vendor })}</p>`}
    </fieldset>
    <${Field} label=${text("ticket.rate_comment")} value=${comment} max=${max}>
      ${(/** @type {any} */ { id, describedBy }) => html`<textarea id=${id} aria-describedby=${describedBy}
        readonly=${locked} value=${comment} dir="auto"
        onInput=${/** @param {any} event */ (event) => setComment(event.currentTarget.value)}></textarea>`}
    <//>
    <div role="status">${unknown && html`<p class="caution">${text("ticket.rating_unknown")}</p>`}</div>
  <//>`;
}

/** @param {ActionDialogProps & { message: any }} props */
export function WithdrawDialog({ ticket, seen, message, onClose, onStale, onDone }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const path = pathOf(ticket, `/messages/${encodeURIComponent(message.message_id)}`);
  const [unknown, setUnknown] = useState(() => isUnsettled("DELETE", path));
  const submit = async () => {
    // The first key asks again; a new one would withdraw again.
    const answer = await write.run("DELETE", path, { seen, keepsKey: true });
    if (answer?.status === 202) setUnknown(true);
    else if (answer) onDone(answer);
  };
  return html`<${ActionForm} title=${text("ticket.withdraw_title")} danger write=${write}
    onSubmit=${submit} onClose=${onClose} submit=${text(unknown ? "ticket.withdraw_again" : "ticket.withdraw")}>
    <p>${text("ticket.withdraw_means", { vendor: text(`vendor.${ticket.type}`) })}</p>
    <blockquote class="extract"><bdi>${[...message.content].slice(0, 200).join("")}</bdi></blockquote>
    ${unknown && html`<p class="caution" role="alert">${text("ticket.withdraw_unknown")}</p>`}
  <//>`;
}

/** Holding and erasing: by `admin`, with a reason. @param {ActionDialogProps & { erases: boolean }} props */
export function ReasonDialog({ ticket, seen, erases, onClose, onStale, onDone }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const [reason, setReason] = useState("");
  const [understood, setUnderstood] = useState(!erases);
  const name = erases ? "erase" : "hold";
  const submit = async () => {
    const [method, rest] = erases ? ["DELETE", ""] : ["PUT", "/hold"];
    const body = { reason: reason.trim() };
    const answer = await write.run(method, pathOf(ticket, rest), { body, seen, keyed: false });
    if (answer) onDone(answer);
  };
  return html`<${ActionForm} title=${text(`ticket.${name}_title`)} submit=${text(`ticket.${name}`)} danger=${erases}
    ready=${reason.trim() !== "" && characters(reason) <= 200 && understood} write=${write} onSubmit=${submit}
    onClose=${onClose}>
    <p>${text(`ticket.${name}_means`, { vendor: text(`vendor.${ticket.type}`) })}</p>
    <${Field} label=${text("ticket.reason")} hint=${text("ticket.reason_hint")} value=${reason} max=${200} required>
      ${(/** @type {any} */ { id, describedBy }) => html`<input id=${id} aria-describedby=${describedBy} required
        autocomplete="off" value=${reason}
        onInput=${/** @param {any} event */ (event) => setReason(event.currentTarget.value)} />`}
    <//>
    ${erases && html`<label class="check">
      <input type="checkbox" checked=${understood} onChange=${() => setUnderstood(!understood)} />
      <span>${text("ticket.erase_understood")}</span>
    </label>`}
  <//>`;
}

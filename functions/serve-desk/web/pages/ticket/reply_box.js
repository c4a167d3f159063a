// Writing a reply: text and files, a draft that survives a reload, and a repetition that never sends twice.

import { ApiError, call, newKey } from "../../core/api.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { storeDraft, storedDraft } from "../../core/own_drafts.js";
import { characters } from "../../core/format.js";
import { useTexts } from "../../core/texts.js";
import { Field } from "../../parts/field.js";
import { FileDrop, FilePicker, explainUpload, fileProblems, limitsOf } from "../../parts/files.js";
import { notify } from "../../parts/notices.js";
import { UploadFailed, uploadAll } from "../../parts/upload.js";
import { WriteProblem, isStale, staysUncertain } from "./write.js";

/** The most characters of the API itself. */
const MOST_CHARACTERS = 60_000;

/** An idempotency key is valid for a day, and so are the ids of uploads. */
const REPEATABLE_MS = 23 * 3_600_000;

/**
 * A request that may have been carried out: it is sent again as it was.
 * @typedef {{ content: string, attachments?: string[], allow_secrets?: boolean }} Body
 * @typedef {{ key: string, body: Body, uncertain: boolean, time: number }} Attempt
 * @typedef {{ content: string, attempt?: Attempt }} Draft
 */

/** @param {string} id @returns {Draft} */
export function readDraft(id) {
  const draft = storedDraft(`reply.${id}`);
  // There is none, or not one of this version.
  if (typeof draft?.content !== "string") return { content: "" };
  return draft.attempt?.time > Date.now() - REPEATABLE_MS ? draft : { content: draft.content };
}

/** @param {string} id @param {Draft} draft */
function writeDraft(id, draft) {
  storeDraft(`reply.${id}`, draft.content || draft.attempt ? draft : null);
}

/**
 * @param {{ ticket: any, capability: any, onSent: () => void, onStale: () => void }} props
 */
export function ReplyBox({ ticket, capability, onSent, onStale }) {
  const text = useTexts();
  const [draft, setDraft] = useState(() => readDraft(ticket.id));
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [progress, setProgress] = useState(/** @type {{ done: number, file: File } | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const [missing, setMissing] = useState(false);
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const latest = useRef(draft);

  const keep = /** @param {Draft} next */ (next) => {
    latest.current = next;
    setDraft(next);
    writeDraft(ticket.id, next);
  };
  // An attempt that the page did not see the end of, because it was closed, is uncertain too.
  const uncertain = Boolean(draft.attempt) && !busy;
  const locked = busy || uncertain;
  const max = Math.min(capability?.max_reply_chars ?? MOST_CHARACTERS, MOST_CHARACTERS);
  const limits = limitsOf(capability, "reply");
  const filesAreFine = !limits || fileProblems(files, limits).every((problem) => problem === null);
  const tooLong = characters(draft.content) > max;

  useEffect(() => {
    // The text is as tall as what is written, within limits of the style sheet.
    const element = area.current;
    if (!element) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight + 2}px`;
  }, [draft.content]);

  const send = async ({ allowSecrets = false } = {}) => {
    if (busy) return;
    const { content, attempt: before } = latest.current;
    setMissing(!content.trim());
    if (!content.trim()) return area.current?.focus();
    if (!before && (tooLong || !filesAreFine)) return;
    setBusy(true);
    setError(null);
    let attempt = before;
    try {
      if (!attempt) {
        const ids = await uploadAll(files, (done, file) => setProgress({ done, file }));
        const body = {
          content,
          attachments: ids.length > 0 ? ids : undefined,
          allow_secrets: allowSecrets ? undefined : false,
        };
        attempt = { key: newKey(), body, uncertain: false, time: Date.now() };
      }
      setProgress(null);
      keep({ content, attempt });
      const path = `/tickets/${encodeURIComponent(ticket.id)}/messages`;
      const answer = await call("POST", path, { body: attempt.body, key: attempt.key });
      keep({ content: "" });
      setFiles([]);
      notify("done", text(answer.status === 202 ? "ticket.reply_unknown_notice" : "ticket.reply_sent_notice"));
      onSent();
    } catch (failure) {
      const isKept = failure instanceof ApiError && failure.problem.code === "reply_indeterminate";
      if (isKept) {
        // It stands in the conversation now, where a person decides.
        keep({ content: "" });
        setFiles([]);
        onSent();
      } else if (attempt && staysUncertain(failure, attempt.uncertain)) {
        keep({ content, attempt: { ...attempt, uncertain: true } });
      } else keep({ content });
      setError(failure);
      if (isStale(failure)) onStale();
    }
    setProgress(null);
    setBusy(false);
  };

  const holdsSecret = error instanceof ApiError && error.problem.code === "secret_in_text";
  const submit = /** @param {Event} event */ (event) => {
    event.preventDefault();
    send();
  };
  return html`<form class="panel reply" aria-label=${text("ticket.reply")} onSubmit=${submit}>
    <${FileDrop} disabled=${locked || !limits}
      onFiles=${(/** @type {File[]} */ more) => setFiles((now) => [...now, ...more])}>
      <${Field} label=${text("ticket.reply")} value=${draft.content} max=${max} hint=${text("ticket.reply_hint")}
        error=${missing && !draft.content.trim() ? text("ticket.reply_missing") : undefined}>
        ${(/** @type {any} */ { id, describedBy, invalid }) => html`<textarea ref=${area} id=${id} data-reply
          aria-describedby=${describedBy} aria-invalid=${invalid ? "true" : undefined} readonly=${locked}
          value=${draft.content} dir="auto"
          onInput=${/** @param {any} event */ (event) => keep({ content: event.currentTarget.value })}
          onKeyDown=${/** @param {KeyboardEvent} event */ (event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
            event.preventDefault();
            send();
          }}></textarea>`}
      <//>
      ${limits && html`<${FilePicker} files=${files} onChange=${setFiles} limits=${limits} disabled=${locked}
        progress=${progress} />`}
    <//>
    ${error instanceof UploadFailed
      ? html`<p class="error" role="alert">${explainUpload(error)}</p>`
      : html`<${WriteProblem} write=${{ busy, error, uncertain }} />`}
    ${uncertain && !error && html`<p class="write-problem" role="status">${text("ticket.reply_interrupted")}</p>`}
    <div class="actions">
      ${uncertain && html`<button type="button" onClick=${() => {
        keep({ content: draft.content });
        setError(null);
      }}>${text("ticket.reply_edit_anyway")}</button>`}
      ${holdsSecret && html`<button type="button" class="danger" disabled=${busy}
        onClick=${() => send({ allowSecrets: true })}>
        ${text("ticket.send_secret_anyway")}
      </button>`}
      <button class="primary" disabled=${busy || (!uncertain && (tooLong || !filesAreFine))}>
        ${text(busy ? "ticket.sending" : uncertain ? "ticket.reply_again" : "ticket.send")}
      </button>
    </div>
  </form>`;
}

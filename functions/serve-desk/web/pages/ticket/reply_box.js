// Writing a reply: text and files, a draft that survives a reload, and a repetition that never sends twice.

import { ApiError } from "../../core/api.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { characters } from "../../core/format.js";
import { useTexts } from "../../core/texts.js";
import { Field } from "../../parts/field.js";
import { FileDrop, FilePicker, explainUpload, fileProblems, limitsOf } from "../../parts/files.js";
import { notify } from "../../parts/notices.js";
import { UploadFailed, uploadAll } from "../../parts/upload.js";
import { SendingState, mostCharacters, useSending } from "./sending.js";

/**
 * It stays while the ticket takes no reply, so that the text and the files are still there when it does again.
 * @param {{ ticket: any, capability: any, onSent: () => void }} props
 */
export function ReplyBox({ ticket, capability, onSent }) {
  const text = useTexts();
  const sending = useSending("reply", ticket, onSent);
  const { draft, busy, error, uncertain } = sending;
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [progress, setProgress] = useState(/** @type {{ done: number, file: File } | null} */ (null));
  const [missing, setMissing] = useState(false);
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const isOpen = ticket.state === "open";
  const locked = sending.locked || !isOpen;
  const max = mostCharacters(capability);
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
    const { content } = draft;
    setMissing(!content.trim());
    if (!content.trim()) return area.current?.focus();
    if (!uncertain && (!isOpen || tooLong || !filesAreFine)) return;
    const answer = await sending.send(async () => {
      try {
        const ids = await uploadAll(files, (done, file) => setProgress({ done, file }));
        const attachments = ids.length > 0 ? ids : undefined;
        return { content, attachments, allow_secrets: allowSecrets ? undefined : false };
      } finally {
        setProgress(null);
      }
    });
    if (!answer) return;
    setFiles([]);
    notify("done", text(answer.status === 202 ? "ticket.reply_unknown_notice" : "ticket.reply_sent_notice"));
    onSent();
  };

  if (!isOpen && !draft.content && !draft.attempt && files.length === 0) return null;
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
          onInput=${/** @param {any} event */ (event) => sending.type(event.currentTarget.value)}
          onKeyDown=${/** @param {KeyboardEvent} event */ (event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
            event.preventDefault();
            send();
          }}></textarea>`}
      <//>
      ${limits && html`<${FilePicker} files=${files} onChange=${setFiles} limits=${limits} disabled=${locked}
        progress=${progress} />`}
    <//>
    ${!isOpen && !uncertain && html`<p class="caution" role="status">${text("ticket.reply_not_open")}</p>`}
    ${error instanceof UploadFailed
      ? html`<p class="error" role="alert">${explainUpload(error)}</p>`
      : html`<${SendingState} sending=${sending} />`}
    <div class="actions">
      ${uncertain && html`<button type="button" onClick=${sending.edit}>${text("ticket.reply_edit_anyway")}</button>`}
      ${!sending.locked && !isOpen && html`<button type="button" onClick=${() => {
        sending.type("");
        setFiles([]);
      }}>${text("ticket.reply_discard")}</button>`}
      ${holdsSecret && html`<button type="button" class="danger" disabled=${busy}
        onClick=${() => send({ allowSecrets: true })}>
        ${text("ticket.send_secret_anyway")}
      </button>`}
      <button class="primary"
        disabled=${busy || sending.tooLate || (!uncertain && (!isOpen || tooLong || !filesAreFine))}>
        ${text(busy ? "ticket.sending" : uncertain ? "ticket.reply_again" : "ticket.send")}
      </button>
    </div>
  </form>`;
}

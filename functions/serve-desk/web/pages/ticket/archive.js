// The archive of a closed ticket: whether it is whole, its transcript, its closings; and keeping or erasing it.

import { get } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { fetchFile, save } from "../../parts/download.js";
import { ErrorWords } from "../../parts/failure.js";
import { Time } from "../../parts/time.js";
import { actorName } from "./data.js";
import { WriteProblem, useWrite } from "./write.js";

/** @param {{ ticket: any }} props */
export function ArchivePanel({ ticket }) {
  const text = useTexts();
  const { closings = [] } = ticket;
  const isClosed = ticket.state === "closed";
  if (!isClosed && closings.length === 0) return null;
  return html`<section class="panel archive" aria-labelledby="archive">
    <h2 id="archive">${text("ticket.archive")}</h2>
    ${isClosed && html`<dl class="facts">
      ${ticket.message_count !== undefined && html`<div>
        <dt>${text("ticket.archived_messages")}</dt><dd>${number(ticket.message_count)}</dd>
      </div>`}
      ${ticket.digest && html`<div class="digest-line">
        <dt>SHA-256</dt><dd><code class="digest">${ticket.digest}</code></dd>
      </div>`}
    </dl>`}
    ${ticket.attachments_missing > 0 && html`<p class="caution">
      ${text("ticket.attachments_missing", { count: ticket.attachments_missing })}
    </p>`}
    ${isClosed && !ticket.erased && html`<${Verification} ticket=${ticket} /><${Transcript} ticket=${ticket} />`}
    ${closings.length > 0 && html`<${Closings} closings=${closings} />`}
  </section>`;
}

/** @param {{ ticket: any }} props */
function Verification({ ticket }) {
  const text = useTexts();
  const [state, setState] = useState(/** @type {{ busy: boolean, result: any, error: unknown }} */ (
    { busy: false, result: null, error: null }));
  const verify = async () => {
    setState({ busy: true, result: null, error: null });
    try {
      const result = await get(`/tickets/${encodeURIComponent(ticket.id)}/verification`);
      setState({ busy: false, result, error: null });
    } catch (error) {
      setState({ busy: false, result: null, error });
    }
  };
  const { busy, result, error } = state;
  /** @param {string} name @param {any} value */
  const fact = (name, value) => (value ?? null) !== null &&
    html`<div><dt>${text(`ticket.${name}`)}</dt><dd>${value}</dd></div>`;
  const changed = result?.changed_attachments ?? [];
  const isSame = result?.stored_digest === result?.digest;
  return html`<div class="verification">
    <button type="button" class="small" disabled=${busy} onClick=${verify}>
      ${text(busy ? "ticket.verifying" : "ticket.verify")}
    </button>
    <div role="status">
      ${result && html`
        <p class="verdict" data-good=${result.verified ? "" : undefined}>
          <span aria-hidden="true">${result.verified ? "✓" : "✗"}</span>${" "}
          ${text(result.verified ? "ticket.verified" : "ticket.not_verified")}
        </p>
        <dl class="facts">
          ${fact("stored_messages", result.stored_message_count)}
          ${fact("committed_messages", result.message_count)}
          ${fact("shown_messages", result.shown_count)}
          ${fact("same_digest", result.stored_digest && text(isSame ? "ticket.digest_same" : "ticket.digest_differs"))}
          ${result.stored_digest && !isSame && html`<div class="digest-line"><dt>${text("ticket.stored_digest")}</dt>
            <dd><code class="digest">${result.stored_digest}</code></dd></div>`}
          ${fact("files_missing", result.attachments_missing)}
          ${fact("files_changed", changed.length > 0 ? changed.join(", ") : undefined)}
        </dl>`}
    </div>
    ${Boolean(error) && html`<p class="error" role="alert"><${ErrorWords} error=${error} /></p>`}
  </div>`;
}

/** @param {{ ticket: any }} props */
function Transcript({ ticket }) {
  const text = useTexts();
  const [busy, setBusy] = useState("");
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const load = /** @param {string} format @param {string} ending */ async (format, ending) => {
    setBusy(format);
    setError(null);
    try {
      const blob = await fetchFile(`/tickets/${encodeURIComponent(ticket.id)}/transcript?format=${format}`);
      save(blob, `ticket-${ticket.cloud_id ?? ticket.id}.${ending}`);
    } catch (failure) {
      setError(failure);
    }
    setBusy("");
  };
  return html`<div class="transcript" role="group" aria-label=${text("ticket.transcript")}>
    <span>${text("ticket.transcript")}</span>
    ${[["html", "html", "HTML"], ["text", "txt", text("ticket.transcript_text")], ["json", "json", "JSON"]].map(
      ([format, ending, label]) => html`<button key=${format} type="button" class="small" disabled=${busy !== ""}
        onClick=${() => load(format, ending)}>${busy === format ? text("ticket.file_loading") : label}</button>`,
    )}
    ${Boolean(error) && html`<p class="error" role="alert"><${ErrorWords} error=${error} /></p>`}
  </div>`;
}

/** @param {{ actor: { id: string, name?: string } }} props */
function ActorName({ actor }) {
  return html`<bdi title=${actor.id}>${actorName(actor)}</bdi>`;
}

/** @param {{ closings: any[] }} props */
function Closings({ closings }) {
  const text = useTexts();
  return html`<details class="closings">
    <summary>${text("ticket.closings", { count: closings.length })}</summary>
    <ol>
      ${closings.map((closing, index) => html`<li key=${index}>
        <p>${text("ticket.path_closed")} <${Time} ms=${closing.close_time} />
          ${closing.closed_by && html` · <${ActorName} actor=${closing.closed_by} />`}
          ${" · "}${text("ticket.closing_messages", { count: closing.message_count })}</p>
        ${closing.reopen_time && html`<p>${text("ticket.path_reopened")} <${Time} ms=${closing.reopen_time} />
          ${closing.reopened_by && html` · <${ActorName} actor=${closing.reopened_by} />`}
        </p>`}
        <code class="digest">${closing.digest}</code>
      </li>`)}
    </ol>
  </details>`;
}

/**
 * @param {{ ticket: any, seen: string | null, isAdmin: boolean, onDialog: (name: string) => void,
 *   onStale: () => void, onChanged: () => void }} props
 */
export function RetentionPanel({ ticket, seen, isAdmin, onDialog, onStale, onChanged }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const { hold, erased } = ticket;
  if (!isAdmin && !hold && !erased) return null;
  const release = async () => {
    const path = `/tickets/${encodeURIComponent(ticket.id)}/hold`;
    if (await write.run("DELETE", path, { seen, keyed: false })) onChanged();
  };
  return html`<section class="panel retention" aria-labelledby="retention">
    <h2 id="retention">${text("ticket.retention")}</h2>
    ${erased && html`<p>${text(`ticket.erased_${erased.state}`)} <${Time} ms=${erased.time} /></p>
      ${erased.reason && html`<p class="hint">${text("ticket.reason")}: <bdi>${erased.reason}</bdi></p>`}`}
    ${hold && html`<p>${text("ticket.held_since")} <${Time} ms=${hold.time} />
        ${hold.by && html` · <${ActorName} actor=${{ id: hold.by }} />`}</p>
      ${hold.reason && html`<p class="hint">${text("ticket.reason")}: <bdi>${hold.reason}</bdi></p>`}`}
    ${!hold && !erased && html`<p class="hint">${text("ticket.not_held")}</p>`}
    ${isAdmin && !erased && html`<div class="actions start">
      ${hold
        ? html`<button type="button" class="small" disabled=${write.busy} onClick=${release}>
          ${text("ticket.release")}
        </button>`
        : html`<button type="button" class="small" onClick=${() => onDialog("hold")}>${text("ticket.hold")}</button>`}
      ${ticket.state === "closed" && !hold && html`<button type="button" class="small danger"
        onClick=${() => onDialog("erase")}>${text("ticket.erase")}</button>`}
    </div>`}
    <${WriteProblem} write=${write} />
  </section>`;
}

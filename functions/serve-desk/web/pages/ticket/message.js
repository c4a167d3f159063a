// One message of the conversation: who, when, the text with its older ones, and its files.

import { html, useId, useState } from "../../core/html.js";
import { Markup, kindOf } from "../../core/markup.js";
import { useTexts } from "../../core/texts.js";
import { Time } from "../../parts/time.js";
import { Attachments } from "./attachments.js";

/**
 * What every entry of the conversation looks like.
 * @param {{ from: "customer" | "support" | "note", who: any, time?: number, marks?: any, children?: any, kind?: string,
 *   id?: string }} props
 */
export function Entry({ from, who, time, marks, children, kind, id: anchor }) {
  const id = useId();
  return html`<article class="message" data-message data-from=${from} data-kind=${kind} id=${anchor} tabindex="-1"
    aria-labelledby=${id}>
    <header>
      <h3 id=${id}>${who}</h3>
      ${marks}
      ${time !== undefined && html`<span class="when"><${Time} ms=${time} /></span>`}
    </header>
    ${children}
  </article>`;
}

/**
 * @param {{ ticket: any, message: any, isNew: boolean, onWithdraw?: (message: any) => void }} props
 */
export function Message({ ticket, message, isNew, onWithdraw }) {
  const text = useTexts();
  const [verbatim, setVerbatim] = useState(false);
  const fromSupport = message.type === 1;
  const kind = kindOf(message.content);
  const withdrawn = message.withdrawn_time !== undefined;
  const who = fromSupport
    ? html`<bdi>${message.replier_name || text("ticket.support")}</bdi>${" "}
      <span class="role">${text(`vendor.${ticket.type}`)}</span>`
    : html`${text("ticket.us")}${" "}
      ${message.replier_name && html`<span class="role"><bdi>${message.replier_name}</bdi></span>`}`;
  const marks = html`
    ${isNew && html`<span class="badge new">${text("ticket.new")}</span>`}
    ${message.from_console && html`<span class="badge">${text("ticket.from_console")}</span>`}
    ${withdrawn && html`<span class="badge">${text("ticket.withdrawn")}</span>`}
  `;
  const from = fromSupport ? "support" : "customer";
  return html`<${Entry} from=${from} who=${who} marks=${marks} time=${message.create_time}
    kind=${withdrawn ? "withdrawn" : undefined}>
    ${message.unreadable_time && html`<p class="hint">${text("ticket.unreadable_time")}</p>`}
    ${withdrawn && html`<p class="hint">
      ${text("ticket.withdrawn_at")} <${Time} ms=${message.withdrawn_time} />
    </p>`}
    <${Markup} content=${message.content} plain=${verbatim} />
    <${Attachments} ticketId=${ticket.id} attachments=${message.attachments ?? []}
      unreadable=${message.unreadable_attachments} />
    ${message.revisions?.length > 0 && html`<${Revisions} revisions=${message.revisions} />`}
    ${(kind !== "plain" || onWithdraw) && html`<footer>
      ${kind !== "plain" && html`<button type="button" class="quiet small" aria-pressed=${verbatim}
        onClick=${() => setVerbatim(!verbatim)}>${text("ticket.verbatim")}</button>`}
      ${onWithdraw && html`<button type="button" class="quiet small" onClick=${() => onWithdraw(message)}>
        ${text("ticket.withdraw")}
      </button>`}
    </footer>`}
  <//>`;
}

/** @param {{ revisions: { content: string, replaced_time: number }[] }} props */
function Revisions({ revisions }) {
  const text = useTexts();
  return html`<details class="revisions">
    <summary>${text("ticket.edited", { count: revisions.length })}</summary>
    <ol>
      ${revisions.map((revision, index) => html`<li key=${index}>
        <p class="hint">${text("ticket.until")} <${Time} ms=${revision.replaced_time} /></p>
        <${Markup} content=${revision.content} />
      </li>`)}
    </ol>
  </details>`;
}

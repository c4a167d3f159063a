// What has no certain outcome: replies that the conversation lacks, tickets and replies about which a person decides.

import { html, useId, useState } from "../../core/html.js";
import { Markup } from "../../core/markup.js";
import { useTexts } from "../../core/texts.js";
import { notify } from "../../parts/notices.js";
import { Time } from "../../parts/time.js";
import { actorName } from "./data.js";
import { Entry } from "./message.js";
import { WriteProblem, useWrite } from "./write.js";

/**
 * @param {{ ticket: any, reply: any, mayWrite: boolean, consoleUrl?: string,
 *   onSettled: (reply: any, present: boolean) => void }} props
 */
export function PendingReply({ ticket, reply, mayWrite, consoleUrl, onSettled }) {
  const text = useTexts();
  const isIndeterminate = reply.state === "indeterminate";
  const marks = html`<span class="badge state" data-state=${reply.state}>${text(`ticket.reply_${reply.state}`)}</span>`;
  const by = reply.created_by;
  const who = html`${text("ticket.us")}${" "}
    ${by && html`<span class="role" title=${by.id}><bdi>${actorName(by)}</bdi></span>`}`;
  const path = `/tickets/${encodeURIComponent(ticket.id)}/replies/${encodeURIComponent(reply.id)}/resolution`;
  const meaning = reply.reopening && isIndeterminate ? "reopening" : reply.state;
  return html`<${Entry} from="customer" who=${who} marks=${marks} time=${reply.create_time}
    kind=${`reply-${reply.state}`}>
    <${Markup} content=${reply.content} plain />
    <p class="meaning">${text(`ticket.reply_meaning_${meaning}`)}</p>
    ${isIndeterminate && mayWrite && html`<${Decision} of="reply" candidates=${reply.candidates ?? []} path=${path}
      consoleUrl=${consoleUrl} onDecided=${(/** @type {boolean} */ present) => {
        notify("done", text(present ? "ticket.reply_found" : "ticket.reply_removed"));
        onSettled(reply, present);
      }} />`}
  <//>`;
}

/**
 * @param {{ ticket: any, seen: string | null, mayWrite: boolean, consoleUrl?: string, onStale: () => void,
 *   onDecided: (present: boolean) => void }} props
 */
export function TicketDecision({ ticket, seen, mayWrite, consoleUrl, onStale, onDecided }) {
  const text = useTexts();
  return html`<section class="panel attention" aria-label=${text("state.indeterminate")}>
    <h2>${text("ticket.indeterminate_title")}</h2>
    <p>${text("ticket.indeterminate_meaning")}</p>
    ${mayWrite && html`<${Decision} of="ticket" candidates=${ticket.candidates ?? []} seen=${seen}
      path=${`/tickets/${encodeURIComponent(ticket.id)}/resolution`} consoleUrl=${consoleUrl}
      onStale=${onStale} onDecided=${onDecided} />`}
  </section>`;
}

/**
 * @param {{ of: "ticket" | "reply", candidates: any[], path: string, seen?: string | null, consoleUrl?: string,
 *   onStale?: () => void, onDecided: (present: boolean) => void }} props
 */
function Decision({ of, candidates, path, seen, consoleUrl, onStale = () => {}, onDecided }) {
  const text = useTexts();
  const name = useId();
  const write = useWrite(onStale);
  const [chosen, setChosen] = useState("");
  const [other, setOther] = useState("");
  const locked = write.busy || write.uncertain;
  const decide = /** @param {Event} event */ async (event) => {
    event.preventDefault();
    const id = chosen === "other" ? other.trim() : chosen.replace(/^id:/, "");
    const body = chosen === "absent" ? { absent: true } : of === "ticket" ? { cloud_id: id } : { message_id: id };
    const answer = await write.run("POST", path, { body, seen });
    if (answer) onDecided(chosen !== "absent");
  };
  /** @param {string} value @param {any} label */
  const option = (value, label) => html`<label key=${value} class="option">
    <input type="radio" name=${name} checked=${chosen === value} disabled=${locked}
      onChange=${() => setChosen(value)} />
    <span>${label}</span>
  </label>`;
  return html`<form class="decision" onSubmit=${decide}>
    <fieldset>
      <legend>${text(`ticket.decide_${of}`)}</legend>
      ${candidates.map((candidate) => option(`id:${candidate.vendor_id}`, html`
        <bdi class="line">${candidate.first_line || text("ticket.no_first_line")}</bdi>
        <span class="hint"><code>${candidate.vendor_id}</code>
          ${candidate.create_time !== undefined && html` · <${Time} ms=${candidate.create_time} />`}</span>
      `))}
      ${of === "ticket" && option("other", text("ticket.decide_other"))}
      ${option("absent", text(`ticket.decide_absent_${of}`))}
    </fieldset>
    ${chosen === "other" && html`<label>${text("ticket.vendor_id")}
      <input value=${other} disabled=${locked} maxlength="64" required
        onInput=${/** @param {any} event */ (event) => setOther(event.currentTarget.value)} />
    </label>`}
    <${WriteProblem} write=${write} />
    <div class="actions">
      ${consoleUrl && html`<a href=${consoleUrl} target="_blank" rel="noopener noreferrer">
        ${text("ticket.look_in_console")}
      </a>`}
      <button class="primary" disabled=${write.busy || !chosen || (chosen === "other" && !other.trim())}>
        ${text(write.busy ? "ticket.working" : "ticket.decide")}
      </button>
    </div>
  </form>`;
}

// The way of a ticket through its states, as a line of steps with their times.

import { duration } from "../../core/format.js";
import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Time } from "../../parts/time.js";
import { actorName } from "./data.js";

/** Of more closings the first and the last ones are shown. */
const MOST_STEPS = 9;

/** A shorter time between two steps says nothing. */
const LEAST_PASSED_MS = 1000;

/**
 * @typedef {{ kind: string, time?: number, by?: { id: string, name?: string }, now?: boolean }} Step
 *   `now`: it is the present state
 */

/**
 * @param {any} ticket
 * @returns {Step[]}
 */
export function stepsOf(ticket) {
  const { closings = [] } = ticket;
  /** @type {Step[]} */
  const steps = [];
  if (ticket.first_response_time) steps.push({ kind: "answered", time: ticket.first_response_time });
  for (const closing of closings) {
    steps.push({ kind: "closed", time: closing.close_time, by: closing.closed_by });
    if (closing.reopen_time) steps.push({ kind: "reopened", time: closing.reopen_time, by: closing.reopened_by });
  }
  const isClosed = ticket.state === "closed";
  if (isClosed && (closings.length === 0 || closings.at(-1).reopen_time)) {
    steps.push({ kind: "closed", time: ticket.close_time, by: ticket.closed_by });
  }
  if (ticket.erased) steps.push({ kind: "erased", time: ticket.erased.time });
  steps.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  steps.unshift({ kind: ticket.adopted ? "adopted" : "created", time: ticket.create_time, by: ticket.created_by });
  if (isClosed) steps[steps.length - 1].now = true;
  else steps.push(presentStep(ticket));
  return steps;
}

/** @param {any} ticket @returns {Step} */
function presentStep(ticket) {
  if (ticket.state !== "open" || !ticket.awaiting) return { kind: ticket.state, now: true };
  const since = ticket.awaiting === "customer" ? ticket.last_support_time : ticket.last_customer_time;
  return { kind: `awaiting_${ticket.awaiting}`, time: since, now: true };
}

/** @param {{ ticket: any }} props */
export function TicketPath({ ticket }) {
  const text = useTexts();
  const all = stepsOf(ticket);
  const left = Math.max(0, all.length - MOST_STEPS);
  const shown = left ? [...all.slice(0, 3), null, ...all.slice(3 + left)] : all;
  let before = /** @type {number | undefined} */ (undefined);
  return html`<ol class="path" aria-label=${text("ticket.path")}>
    ${shown.map((step, index) => {
      if (!step) return html`<li key="left" class="left-out">${text("ticket.path_left_out", { count: left })}</li>`;
      const passed = before !== undefined && step.time !== undefined && step.time > before ? step.time - before : 0;
      if (step.time !== undefined) before = step.time;
      return html`<li key=${index} data-kind=${step.kind} aria-current=${step.now ? "step" : undefined}>
        ${passed >= LEAST_PASSED_MS && html`<span class="passed">
          ${text("ticket.path_after", { duration: duration(passed) })}
        </span>`}
        <span class="what">${text(`ticket.path_${step.kind}`)}</span>
        ${step.time !== undefined && html`<span class="when">
          ${step.kind.startsWith("awaiting") ? `${text("ticket.path_since")} ` : ""}<${Time} ms=${step.time} />
        </span>`}
        ${step.by && html`<span class="who" title=${step.by.id}><bdi>${actorName(step.by)}</bdi></span>`}
      </li>`;
    })}
  </ol>`;
}

// Sending a text once: kept before it leaves, locked while it may have arrived, and repeated with its key.

import { ApiError, call, newKey } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { staysUncertain } from "../../core/problems.js";
import { useTexts } from "../../core/texts.js";
import { changeDraft, isTooLate, readDraft, useDraft } from "./drafts.js";
import { WriteProblem, isStale } from "./write.js";

/** The most characters of the API itself. */
const MOST_CHARACTERS = 60_000;

/** What the vendor takes in one message. @param {any} capability */
export function mostCharacters(capability) {
  return Math.min(capability?.max_reply_chars ?? MOST_CHARACTERS, MOST_CHARACTERS);
}

/**
 * @param {import("./drafts.js").Kind} kind
 * @param {any} ticket
 * @param {() => void} onChanged what is shown is no longer so: it is read again
 */
export function useSending(kind, ticket, onChanged) {
  const draft = useDraft(kind, ticket.id);
  const [state, setState] = useState({ busy: false, error: /** @type {unknown} */ (null) });
  /** @param {(now: import("./drafts.js").Draft) => import("./drafts.js").Draft} change */
  const change = (change) => changeDraft(kind, ticket.id, change);
  const uncertain = Boolean(draft.attempt) && !state.busy;

  /**
   * @param {() => Promise<import("./drafts.js").Body>} prepare the request, where it is not a repetition
   * @param {string | null} [seen]
   * @returns {Promise<import("../../core/api.js").Answer | null>} nothing where there is no success
   */
  const send = async (prepare, seen) => {
    if (state.busy) return null;
    const before = readDraft(kind, ticket.id).attempt;
    const isShown = before?.key === draft.attempt?.key;
    if (!isShown || (before && isTooLate(before))) {
      // Another tab has sent since, or the page was left open for long: this is shown before anything is sent.
      change((now) => now);
      return null;
    }
    setState({ busy: true, error: null });
    let attempt = before;
    try {
      const sent = before ?? { key: newKey(), body: await prepare(), time: Date.now() };
      change((now) => (now.attempt ? now : { ...now, content: sent.body.content, attempt: sent }));
      attempt = readDraft(kind, ticket.id).attempt;
      if (attempt?.key !== sent.key) {
        setState({ busy: false, error: null });
        return null;
      }
      const path = `/tickets/${encodeURIComponent(ticket.id)}/${kind === "reply" ? "messages" : "reopen"}`;
      const answer = await call("POST", path, { body: sent.body, key: sent.key, seen });
      const { id, content, create_time: time } = answer.body;
      finish(sent.key, answer.status === 202 ? [{ id, content, time, since: Date.now() }] : []);
      setState({ busy: false, error: null });
      return answer;
    } catch (error) {
      if (attempt && error instanceof ApiError && error.problem.code === "reply_indeterminate") {
        // It stands in the conversation, where a person decides.
        finish(attempt.key, [{ content: attempt.body.content, time: attempt.time, since: Date.now() }]);
        onChanged();
      } else if (attempt && !staysUncertain(error, before !== undefined)) unlock(attempt.key);
      setState({ busy: false, error });
      if (isStale(error)) onChanged();
      return null;
    }
  };

  /** @param {string} key @param {import("./drafts.js").Followed[]} followed */
  const finish = (key, followed) =>
    change((now) => (now.attempt?.key === key ? { content: "", followed: [...now.followed, ...followed] } : now));
  /** @param {string | undefined} key */
  const unlock = (key) => change((now) => (now.attempt?.key === key ? { ...now, attempt: undefined } : now));

  return {
    ...state,
    draft,
    uncertain,
    tooLate: uncertain && draft.attempt !== undefined && isTooLate(draft.attempt),
    locked: state.busy || uncertain,
    send,
    /** What another tab has sent is not overwritten. @param {string} content */
    type: (content) => change((now) => (now.attempt ? now : { ...now, content })),
    /** A person wants another text, whatever became of this one. */
    edit() {
      unlock(draft.attempt?.key);
      setState({ busy: false, error: null });
    },
  };
}

/** What there is to say of a text, beside it. @param {{ sending: ReturnType<typeof useSending> }} props */
export function SendingState({ sending: { draft, busy, error, uncertain, tooLate } }) {
  const text = useTexts();
  if (tooLate) return html`<p class="caution" role="status">${text("ticket.reply_too_late")}</p>`;
  return html`
    ${draft.returned && !uncertain && html`<p class="caution" role="status">${text("ticket.reply_returned")}</p>`}
    <${WriteProblem} write=${{ busy, error, uncertain }} />
    ${uncertain && !error && html`<p class="write-problem" role="status">${text("ticket.reply_interrupted")}</p>`}
  `;
}

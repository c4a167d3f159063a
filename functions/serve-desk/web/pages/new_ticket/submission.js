// Sending a ticket once: one key for one intent, repeated until its outcome is known.
//
//   editing ──► sending ──► created
//      ▲           ├──► refused: editing again
//      │           ├──► lost: no answer came; repeated with the same key
//      │           └──► unknown (202): the ticket is followed ──► created, indeterminate or removed
//      └── removed: the vendor certainly has nothing; the next attempt has a new key

import { ApiError, call, getAll, newKey, retryAfterMs, withQuery } from "../../core/api.js";
import { useEffect, useRef, useState } from "../../core/html.js";
import { staysUncertain } from "../../core/problems.js";

/** A key is valid for 24 hours at least. A repetition after this could make a second ticket. */
const KEY_VALID_MS = 20 * 3_600_000;

/** The clocks of this browser and of the server may differ by this. */
export const CLOCKS_MS = 10 * 60_000;

/** The waits before repetitions that nobody asks for; the last one stays. */
const WAITS_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 60_000];

/**
 * `resend`: secrets must be typed again before a repetition; `arrived`: the key was used with another text;
 * `expired`: too late for a repetition.
 * @typedef {"editing" | "sending" | "lost" | "resend" | "unknown" | "indeterminate" | "removed" | "arrived" |
 *   "expired"} Phase
 * @typedef {import("../../core/drafts.js").Sent} Sent
 */

/** @param {Sent | null} sent as a reload finds it @returns {Phase} */
function phaseOf(sent) {
  if (!sent) return "editing";
  if (sent.ticket_id) return "unknown";
  // Once a person has decided that it is not there, a repetition would make it anew.
  if (sent.undecided) return "indeterminate";
  if (isExpired(sent)) return "expired";
  return sent.withheld.length > 0 ? "resend" : "lost";
}

/** @param {Sent} sent */
function isExpired(sent) {
  return Date.now() - sent.first_time > KEY_VALID_MS;
}

/**
 * The id of the ticket that waits for a decision, where it is certain which one it is.
 * @param {Sent} sent
 * @returns {Promise<string | undefined>}
 */
async function undecidedTicket({ body, first_time }) {
  const query = { custom_id: body.custom_id, state: "indeterminate", from: first_time - CLOCKS_MS };
  try {
    const tickets = (await getAll(withQuery("/tickets", query))).filter(({ name }) => name === body.name);
    return tickets.length === 1 ? tickets[0].id : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What an error of `POST /tickets` says about this attempt and those before.
 * @param {unknown} error
 * @param {boolean} wasUnsettled an attempt before may have taken effect
 * @returns {"lost" | "refused" | "arrived" | "indeterminate"}
 */
function meaningOf(error, wasUnsettled) {
  if (!(error instanceof ApiError)) return "lost";
  const { code } = error.problem;
  if (code === "ticket_indeterminate") return "indeterminate";
  if (code === "idempotency_key_reused") return "arrived";
  return staysUncertain(error, wasUnsettled) ? "lost" : "refused";
}

/**
 * A body with its secrets (`whole`), and what of it may be stored.
 * @typedef {{ whole: any, body: any, withheld: string[] }} Sendable
 */

/**
 * @param {import("./draft_state.js").DraftState} state
 * @param {(ticket: any, isEarlier: boolean) => void} onCreated `isEarlier`: it is the text before a change that was
 *   made without knowing whether it had arrived
 */
export function useSubmission({ draft, change }, onCreated) {
  const [now, setNow] = useState(() => {
    const phase = phaseOf(draft.sent);
    return { phase, shown: phase, error: /** @type {unknown} */ (null), attempts: 0 };
  });
  // The one to repeat first. After a changed text the one before is kept behind it.
  const bodies = useRef(/** @type {Sendable[]} */ (draft.sent ? [{ ...draft.sent, whole: draft.sent.body }] : []));
  const isEarlier = useRef(false);
  const unsettled = useRef(draft.sent !== null);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => void (left.current = true);
  }, []);
  /** @param {Phase} phase @param {unknown} [error] */
  const enter = (phase, error = null) => {
    if (!left.current)
      setNow(({ attempts }) => ({ phase, shown: phase, error, attempts: phase === "lost" ? attempts + 1 : 0 }));
  };
  /** @param {Partial<import("../../core/drafts.js").Draft>} fields */
  const settle = (fields) => {
    bodies.current = [];
    unsettled.current = false;
    change({ sent: null, ...fields });
  };

  /** @param {Sent} sent @returns {Promise<unknown>} the refusal, if it is one */
  const post = async (sent) => {
    if (isExpired(sent)) return enter("expired");
    // What is shown stays while it is repeated.
    setNow((before) => ({ ...before, phase: "sending" }));
    const { whole, body, withheld } = bodies.current[0];
    try {
      const answer = await call("POST", "/tickets", { body: whole, key: draft.key });
      if (answer.status === 202) {
        change({ sent: { ...sent, body, withheld, ticket_id: answer.body.id } });
        enter("unknown");
      } else onCreated(answer.body, isEarlier.current);
      return null;
    } catch (error) {
      const meaning = meaningOf(error, unsettled.current);
      const isChanged = bodies.current.length > 1;
      if (meaning === "arrived" && isChanged) {
        // The text before the change had arrived: its own answer is asked for.
        bodies.current.shift();
        isEarlier.current = true;
        return post(sent);
      }
      if (meaning === "refused" && isChanged) {
        // Says nothing about the text before the change, which stays to be repeated.
        bodies.current.shift();
        enter("editing", error);
        return error;
      }
      if (meaning === "refused") {
        settle({});
        enter("editing", error);
        return error;
      }
      unsettled.current = true;
      if (meaning === "indeterminate")
        change({ sent: { ...sent, undecided: true, ticket_id: await undecidedTicket(sent) } });
      enter(meaning, error);
      return null;
    }
  };

  const repeat = () => {
    if (draft.sent) post(draft.sent);
  };
  useEffect(() => {
    if (now.phase !== "lost") return;
    const isSignedOut = now.error instanceof ApiError && now.error.problem.status === 401;
    const wait = now.error === null ? 0 : WAITS_MS[Math.min(now.attempts, WAITS_MS.length) - 1];
    const timer = isSignedOut ? undefined : setTimeout(repeat, Math.max(wait, retryAfterMs(now.error)));
    addEventListener("online", repeat);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", repeat);
    };
  }, [now.phase, now.attempts]);

  return {
    ...now,
    isFrozen: now.phase !== "editing",
    /** Whether an earlier text of this draft may have arrived. */
    isUnsettled: now.phase === "editing" && draft.sent !== null,
    /**
     * Sends a body; the draft has it before it leaves.
     * @param {Sendable} next
     */
    send(next) {
      const before = draft.sent;
      const isSame = before && JSON.stringify(before.body) === JSON.stringify(next.body);
      isEarlier.current = false;
      bodies.current = before && !isSame ? [next, ...bodies.current.slice(-1)] : [next];
      const sent = before ?? { body: next.body, withheld: next.withheld, first_time: Date.now() };
      if (!before) change({ sent });
      return post(sent);
    },
    repeat,
    /** Repeats what was sent, with the secrets typed again. @param {any} whole */
    repeatWith(whole) {
      if (draft.sent) bodies.current = [{ ...draft.sent, whole }];
      repeat();
    },
    /** Back to the text, under the same key: whatever arrives first, there is one ticket. */
    edit: () => enter("editing"),
    /** The ticket that is followed has another state. @param {any} ticket */
    follow(ticket) {
      if (ticket.state === "indeterminate") enter("indeterminate");
      else if (ticket.state !== "unknown" && ticket.state !== "creating") onCreated(ticket, isEarlier.current);
    },
    removed: () => enter("removed"),
    /** The vendor certainly has nothing of it, or a person says so: the next attempt is another intent. */
    renew() {
      settle({ key: newKey() });
      enter("editing");
    },
  };
}

// Texts on their way to a vendor, kept in this browser for all its tabs: what is typed, the request that may have been
// carried out, and the replies whose outcome the API does not know yet.

import { useMemo } from "../../core/html.js";
import { observable, useObservable } from "../../core/observable.js";
import { store, stored } from "../../core/settings.js";

/** An idempotency key is valid for a day, and so are the ids of uploads. */
const REPEATABLE_MS = 23 * 3_600_000;

/** By this long after its answer a reply of unknown outcome was listed by the API. */
const LISTED_MS = 120_000;

/** A message may have the vendor's time, which differs. */
const CLOCKS_MS = 15 * 60_000;

/**
 * @typedef {"reply" | "reopening"} Kind
 * @typedef {{ content: string, attachments?: string[], allow_secrets?: boolean }} Body
 * @typedef {{ key: string, body: Body, time: number }} Attempt a request that is sent again as it was, or not at all
 * @typedef {{ id?: string, content: string, time: number, since: number, listed?: boolean, absent?: boolean }} Followed
 *   `time` of the server, `since` of this browser; `listed`: the API has listed it; `absent`: a person has decided so
 * @typedef {{ content: string, attempt?: Attempt, followed: Followed[], returned?: boolean }} Draft
 *   `returned`: there is a text in it that the vendor does not have
 */

const KINDS = /** @type {const} */ (["reply", "reopening"]);

const version = observable(0);
const changed = () => version.set(version.get() + 1);
addEventListener("storage", changed);

/** Where the browser forbids storage, drafts last as long as the page. @type {Map<string, string>} */
const unstored = new Map();

/** @param {Kind} kind @param {string} ticketId */
const nameOf = (kind, ticketId) => `${kind}.${ticketId}`;

/** @param {string | undefined | null} text @returns {Draft} */
function parse(text) {
  try {
    const draft = JSON.parse(text ?? "");
    if (typeof draft.content === "string") return { ...draft, followed: draft.followed ?? [] };
  } catch {
    // There is none, or not one of this version.
  }
  return { content: "", followed: [] };
}

/** @param {Kind} kind @param {string} ticketId @returns {Draft} as the last tab has written it */
export function readDraft(kind, ticketId) {
  const name = nameOf(kind, ticketId);
  return parse(stored(name) ?? unstored.get(name));
}

/**
 * Changes what is stored now, which another tab may have written since it was shown.
 * @param {Kind} kind @param {string} ticketId @param {(now: Draft) => Draft} change
 */
export function changeDraft(kind, ticketId, change) {
  const name = nameOf(kind, ticketId);
  const next = change(readDraft(kind, ticketId));
  const isEmpty = !next.content && !next.attempt && next.followed.length === 0;
  const text = isEmpty ? null : JSON.stringify({ ...next, returned: next.content ? next.returned : undefined });
  store(name, text);
  unstored.delete(name);
  if (text !== null && stored(name) !== text) unstored.set(name, text);
  changed();
}

/** @param {Kind} kind @param {string} ticketId @returns {Draft} and a rendering with each change of it */
export function useDraft(kind, ticketId) {
  const at = useObservable(version);
  return useMemo(() => readDraft(kind, ticketId), [kind, ticketId, at]);
}

/** Whether a repetition could be another request. @param {Attempt} attempt */
export function isTooLate(attempt) {
  return Date.now() - attempt.time > REPEATABLE_MS;
}

/**
 * A person has decided about a reply; a text that the vendor does not have comes back.
 * @param {string} ticketId @param {any} reply @param {boolean} present
 */
export function decideReply(ticketId, reply, present) {
  const { id, content, create_time: time } = reply;
  const absent = { id, content, time, since: Date.now(), absent: true };
  for (const kind of KINDS) {
    changeDraft(kind, ticketId, (now) => {
      const others = now.followed.filter((entry) => !isAbout(entry, reply));
      const isOfKind = kind === (reply.reopening ? "reopening" : "reply");
      return { ...now, followed: isOfKind && !present ? [...others, absent] : others };
    });
  }
}

/**
 * Compares what is followed with the conversation: what it has is done, and the text of what the vendor does not have
 * is put back, to be sent by a person.
 * @param {any} ticket
 * @param {{ messages: any[], replies: any[] }} conversation as the API tells it, whole
 */
export function settleReplies(ticket, conversation) {
  for (const kind of KINDS) {
    const target = ticket.state === "closed" ? kind : "reply";
    // A text that is locked is not changed: then it is put back later.
    const canPutBack = !readDraft(target, ticket.id).attempt;
    /** @type {string[]} */
    const missing = [];
    const { followed } = readDraft(kind, ticket.id);
    const left = followed.flatMap((entry) => {
      const outcome = outcomeOf(entry, conversation);
      if (outcome === "sent") return [];
      if (outcome !== "missing") return [outcome === "listed" ? { ...entry, listed: true } : entry];
      if (canPutBack) missing.push(entry.content);
      return canPutBack ? [] : [entry];
    });
    if (left.length === followed.length && left.every((entry, at) => entry.listed === followed[at].listed)) continue;
    changeDraft(kind, ticket.id, (now) => ({ ...now, followed: left }));
    if (missing.length === 0) continue;
    changeDraft(target, ticket.id, (now) => {
      const content = [now.content, ...missing].filter(Boolean).join("\n\n");
      return { ...now, content, returned: true };
    });
  }
}

/** @param {Followed} entry @param {any} reply */
function isAbout(entry, reply) {
  return entry.id === undefined ? entry.content === reply.content : entry.id === reply.id;
}

/**
 * @param {Followed} entry
 * @param {{ messages: any[], replies: any[] }} conversation
 * @returns {"sent" | "missing" | "listed" | "awaited"}
 */
function outcomeOf(entry, { messages, replies }) {
  if (entry.absent) return "missing";
  const reply = replies.find((one) => isAbout(entry, one));
  if (reply) return reply.state === "sent" ? "sent" : "listed";
  const words = wordsOf(entry.content);
  const isIt = /** @param {any} message */ (message) =>
    message.type === 0 && message.create_time > entry.time - CLOCKS_MS && wordsOf(message.content) === words;
  if (messages.some(isIt)) return "sent";
  return entry.listed || Date.now() - entry.since > LISTED_MS ? "missing" : "awaited";
}

/** What of a text no vendor changes by its markup or its white space. @param {string} content */
function wordsOf(content) {
  const text = content.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replace(/<\/?[a-z][^<>]*>/gi, "");
  return text.replace(/&#?\w+;/g, "").normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "");
}

// The conversation: the ticket's own text, the messages with the newest in view, and the replies of no certain outcome.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../../core/html.js";
import { Markup } from "../../core/markup.js";
import { place } from "../../core/router.js";
import { markSeen, seenTime, seenTimes } from "../../core/seen.js";
import { useTexts } from "../../core/texts.js";
import { useAnnouncement } from "../../parts/announcement.js";
import { ErrorWords, Failure } from "../../parts/failure.js";
import { Time } from "../../parts/time.js";
import { actorName } from "./data.js";
import { Entry, Message } from "./message.js";
import { PendingReply } from "./pending.js";

/** How many messages are shown at first, and how many more each time. */
const FIRST_SHOWN = 30;
const MORE_SHOWN = 100;

/**
 * @typedef {ReturnType<typeof import("./messages.js").useMessages>} Feed
 * @param {{ ticket: any, feed: Feed, mayWrite: boolean, consoleUrl?: string, onWithdraw?: (message: any) => void,
 *   onSettled: (reply: any, present: boolean) => void }} props
 */
export function Conversation({ ticket, feed, mayWrite, consoleUrl, onWithdraw, onSettled }) {
  const text = useTexts();
  const { messages, pending, complete, error } = feed;
  const [from, setFrom] = useState(/** @type {number | null} */ (null));
  const seenBefore = useRef(seenTime(ticket.id, seenTimes.get()));
  useMarkSeen(ticket.id, messages, complete);
  useShowNewest(complete, messages.length > 0);
  // New messages come behind the others, so those that are shown stay shown.
  const hidden = from ?? Math.max(0, messages.length - FIRST_SHOWN);
  useEffect(() => {
    if (complete && from === null) setFrom(hidden);
  }, [complete]);
  const isNew = /** @param {any} message */ (message) =>
    message.type === 1 && message.create_time > seenBefore.current;
  const canWithdraw = /** @param {any} message */ (message) =>
    message.type === 0 && message.message_id && message.withdrawn_time === undefined && !opens(ticket, message);
  if (ticket.erased) return html`<p class="empty">${text("ticket.erased_conversation")}</p>`;
  return html`<section class="conversation" aria-labelledby="conversation">
    <${CopyAge} ticket=${ticket} feed=${feed} />
    ${error && html`<${Failure} error=${error} retry=${() => feed.refresh().catch(() => {})} />`}
    ${!messages.some((message) => opens(ticket, message)) && html`<${Description} ticket=${ticket} />`}
    ${!complete && !error && ticket.cloud_id && html`<p class="hint" role="status">${text("list.loading")}</p>`}
    ${hidden > 0 && html`<button type="button" class="older" onClick=${() => setFrom(Math.max(0, hidden - MORE_SHOWN))}>
      ${text("ticket.show_older", { count: Math.min(hidden, MORE_SHOWN), left: hidden })}
    </button>`}
    ${messages.slice(hidden).map((message) => html`<${Message} key=${message.id} ticket=${ticket} message=${message}
      isNew=${isNew(message)} onWithdraw=${onWithdraw && canWithdraw(message) ? onWithdraw : undefined} />`)}
    ${pending.map((reply) => html`<${PendingReply} key=${reply.id} ticket=${ticket} reply=${reply} mayWrite=${mayWrite}
      consoleUrl=${consoleUrl} onSettled=${onSettled} />`)}
    ${complete && messages.length + pending.length === 0 && html`<p class="hint">${text("ticket.no_messages")}</p>`}
    <${Announcement} messages=${messages} complete=${complete} />
  </section>`;
}

/** How old what is shown is, and the way to have the vendor read now. @param {{ ticket: any, feed: any }} props */
function CopyAge({ ticket, feed }) {
  const text = useTexts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const [, setNow] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const isOpen = ticket.state !== "closed" && ticket.cloud_id;
  const refresh = async () => {
    setBusy(true);
    setError(null);
    await feed.refresh({ vendor: true }).catch(setError);
    setBusy(false);
  };
  return html`<div class="copy-age">
    <h2 id="conversation">${text("ticket.conversation")}</h2>
    ${feed.asOf !== undefined && html`<span class="hint">${text(isOpen ? "ticket.as_of" : "ticket.archived_as_of")}
      ${" "}<${Time} ms=${feed.asOf} relative=${Boolean(isOpen)} /></span>`}
    ${isOpen && html`<button type="button" class="small" disabled=${busy} onClick=${refresh}>
      ${text(busy ? "ticket.refreshing" : "ticket.refresh")}
    </button>`}
    ${Boolean(error) && html`<p class="error" role="alert"><${ErrorWords} error=${error} /></p>`}
  </div>`;
}

/**
 * Whether it is the text that opened the ticket: that ends with a line which finds it again.
 * @param {any} ticket @param {any} message
 */
function opens(ticket, message) {
  return message.type === 0 && message.content.includes(`ref ${ticket.id}`);
}

/** The text that opened the ticket, where the vendor does not show it as a message. @param {{ ticket: any }} props */
function Description({ ticket }) {
  const text = useTexts();
  if (!ticket.description) return null;
  const by = ticket.created_by;
  const who = html`${text("ticket.us")}${" "}
    ${by && html`<span class="role" title=${by.id}><bdi>${actorName(by)}</bdi></span>`}`;
  return html`<${Entry} from="customer" who=${who} time=${ticket.create_time} kind="description"
    marks=${html`<span class="badge">${text("ticket.description")}</span>`}>
    <${Markup} content=${ticket.description} plain />
  <//>`;
}

/**
 * What is shown to a person counts as read.
 * @param {string} id @param {any[]} messages @param {boolean} complete
 */
function useMarkSeen(id, messages, complete) {
  useEffect(() => {
    const mark = () => {
      if (!complete || document.hidden) return;
      const times = messages.filter((message) => message.type === 1).map((message) => message.create_time);
      if (times.length > 0) markSeen(id, times.reduce((latest, time) => Math.max(latest, time)));
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [id, messages, complete]);
}

/**
 * Scrolls once to the first new message, or to the last one, unless the person or the address went elsewhere before.
 * @param {boolean} complete @param {boolean} any
 */
function useShowNewest(complete, any) {
  const done = useRef(false);
  useLayoutEffect(() => {
    if (!complete || done.current) return;
    done.current = true;
    if (!any || scrollY > 10 || place.get().query.has("do")) return;
    const news = document.querySelector(".message:has(.badge.new)");
    const target = news ?? [...document.querySelectorAll("[data-message]")].at(-1);
    if (!target || target.getBoundingClientRect().bottom <= innerHeight) return;
    target.scrollIntoView({ block: news ? "start" : "nearest" });
  }, [complete, any]);
}

/** Reads out that messages have come. @param {{ messages: any[], complete: boolean }} props */
function Announcement({ messages, complete }) {
  const text = useTexts();
  const known = useRef(/** @type {Set<string> | null} */ (null));
  const [region, announce] = useAnnouncement();
  useEffect(() => {
    if (!complete) return;
    const before = known.current;
    known.current = new Set(messages.map(({ id }) => id));
    const fresh = before ? messages.filter(({ id, type }) => type === 1 && !before.has(id)) : [];
    if (fresh.length === 0) return;
    const who = fresh[fresh.length - 1].replier_name || text("ticket.support");
    announce(text("ticket.announce", { count: fresh.length, who }));
  }, [messages, complete]);
  return region;
}

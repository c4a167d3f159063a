// The messages of a ticket. The API lists them from the oldest on, so all pages are read once, and then the last one
// again and again; the others when the ticket has changed.

import { call, get, withQuery } from "../../core/api.js";
import { useCallback, useEffect, useMemo, useRef, useState } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";

const POLL_MS = { open: 12_000, closed: 60_000 };

/** The vendor is read again when the copy is older: not every vendor tells of each message in the ticket's status. */
const VENDOR_MS = 60_000;

/** Files that are not copied yet are asked for this often. */
const FILES_MS = 20_000;

/** @typedef {{ path: string, etag: string | null, body: any }} PageOfMessages */

/**
 * @param {any} ticket nothing reads nothing
 * @returns {{ messages: any[], pending: any[], replies: any[], asOf: number | undefined, complete: boolean,
 *   error: Error | null, refresh: (options?: { vendor?: boolean }) => Promise<void> }}
 *   `replies` are all that the API lists, `pending` those that no message shows; `complete`: every page was read;
 *   `refresh` with `vendor` has the vendor read before, and fails where that does
 */
export function useMessages(ticket) {
  const base = ticket?.cloud_id ? `/tickets/${encodeURIComponent(ticket.id)}/messages` : null;
  const isOpen = ticket?.state !== "closed";
  const [before, setBefore] = useState(/** @type {PageOfMessages[]} */ ([]));
  const [last, setLast] = useState(/** @type {string | null} */ (null));
  const path = last ?? (base && !ticket.erased ? withQuery(base, { limit: 100 }) : null);
  const polled = usePolled(path, isOpen ? POLL_MS.open : POLL_MS.closed);

  const next = polled.data?.next_cursor;
  useEffect(() => {
    if (!next || !path || !base) return;
    setBefore((pages) => [...pages, { path, etag: polled.etag, body: polled.data }]);
    setLast(withQuery(base, { limit: 100, cursor: next }));
  }, [next, path]);

  const pages = useRef(before);
  pages.current = before;
  const reread = useCallback(async () => {
    for (const [index, page] of pages.current.entries()) {
      const answer = await call("GET", page.path, { etag: page.etag });
      if (answer.status === 304) continue;
      const changed = { ...page, etag: answer.etag, body: answer.body };
      if (answer.body.next_cursor === page.body.next_cursor) {
        setBefore((now) => now.map((old) => (old.path === page.path ? changed : old)));
      } else {
        // A message has come between: what follows is read anew from here.
        setBefore((now) => now.slice(0, index));
        setLast(page.path);
        return;
      }
    }
  }, []);
  const refresh = useCallback(
    async ({ vendor = false } = {}) => {
      if (vendor && base) await get(withQuery(base, { refresh: "true", limit: 1 }));
      await Promise.all([polled.refresh(), reread()]);
    },
    [base, polled.refresh, reread],
  );

  const updated = ticket?.update_time;
  const known = useRef(updated);
  useEffect(() => {
    const changed = known.current !== undefined && known.current !== updated;
    known.current = updated;
    // What fails here is read by the next poll.
    if (changed) refresh().catch(() => {});
  }, [updated, refresh]);

  const messages = useMemo(
    () => [...before.flatMap((page) => page.body.items), ...(polled.data?.items ?? [])],
    [before, polled.data],
  );
  const lacksFiles = before.some((page) => page.body.items.some(hasPendingFiles));
  useEffect(() => {
    if (!lacksFiles) return;
    const timer = setInterval(() => document.hidden || reread().catch(() => {}), FILES_MS);
    return () => clearInterval(timer);
  }, [lacksFiles, reread]);

  const body = polled.data ?? before.at(-1)?.body;
  const asOf = body?.as_of;
  const isFollowed = base !== null && isOpen && !ticket.erased;
  useEffect(() => {
    if (!isFollowed) return;
    const timer = setInterval(() => {
      // What fails here leaves the copy as it is, and its time says how old it is.
      if (!document.hidden && Date.now() - (asOf ?? 0) >= VENDOR_MS) refresh({ vendor: true }).catch(() => {});
    }, VENDOR_MS);
    return () => clearInterval(timer);
  }, [isFollowed, asOf, refresh]);

  const replies = useMemo(() => body?.pending_replies ?? [], [body]);
  const pending = useMemo(() => {
    const shown = new Set(messages.map((message) => message.message_id));
    return replies.filter((/** @type {any} */ reply) => !shown.has(reply.message_id));
  }, [replies, messages]);
  return {
    messages,
    pending,
    replies,
    asOf,
    complete: polled.data !== null && !next,
    error: polled.error,
    refresh,
  };
}

/** @param {any} message */
function hasPendingFiles(message) {
  return message.attachments?.some((/** @type {any} */ file) => file.state === "pending");
}

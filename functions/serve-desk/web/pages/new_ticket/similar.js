// Open tickets with a similar title, so that nobody opens a second one about the same.

import { pagesOf, withQuery } from "../../core/api.js";
import { html, useEffect, useMemo, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { StateBadge, VendorBadge } from "../../parts/badge.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";

/** The newest open tickets that are compared, in pages of 100. */
const MOST_PAGES = 20;
const MOST_SHOWN = 5;

/** From this share of common words on, titles are similar. */
const LEAST = 0.4;

/** How long typing rests before titles are compared. */
const REST_MS = 300;

/**
 * The words of a title; of Chinese, Japanese and Korean text each two characters that follow one another.
 * @param {string} title
 * @returns {Set<string>}
 */
export function wordsOf(title) {
  const words = new Set(/** @type {string[]} */ ([]));
  const parts = title
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|[\p{L}\p{N}]+/gu);
  for (const part of parts ?? []) {
    if (!/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(part)) words.add(part);
    else {
      const chars = [...part];
      for (let at = 0; at + 1 < chars.length; at++) words.add(chars[at] + chars[at + 1]);
    }
  }
  return words;
}

/**
 * The tickets whose titles share the most with this one. A word counts the less, the more tickets have it.
 * @param {string} title
 * @param {{ words: Set<string>, ticket: any }[]} tickets
 * @returns {any[]}
 */
export function similarTickets(title, tickets) {
  const words = wordsOf(title);
  if (words.size === 0) return [];
  const weightOf = weights(tickets.map((one) => one.words));
  const weigh = /** @param {Iterable<string>} some */ (some) =>
    [...some].reduce((sum, word) => sum + weightOf(word), 0);
  const whole = weigh(words);
  return tickets
    .map(({ words: others, ticket }) => {
      const common = weigh([...words].filter((word) => others.has(word)));
      return { ticket, score: (2 * common) / (whole + weigh(others)) };
    })
    .filter(({ score }) => score >= LEAST)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_SHOWN)
    .map(({ ticket }) => ticket);
}

/** @param {Set<string>[]} titles @returns {(word: string) => number} */
function weights(titles) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const title of titles) for (const word of title) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (word) => Math.log(1 + (titles.length + 1) / ((counts.get(word) ?? 0) + 1));
}

/** The open tickets, read when they are needed. @param {boolean} needed */
function useOpenTickets(needed) {
  const [tickets, setTickets] = useState(/** @type {{ words: Set<string>, ticket: any }[]} */ ([]));
  useEffect(() => {
    if (!needed) return;
    const stopped = new AbortController();
    const read = async () => {
      /** @type {{ words: Set<string>, ticket: any }[]} */
      let found = [];
      let pages = 0;
      for await (const { items } of pagesOf("/tickets?status=1", stopped.signal)) {
        found = [...found, ...items.map((ticket) => ({ words: wordsOf(ticket.name), ticket }))];
        setTickets(found);
        if (++pages === MOST_PAGES) return;
      }
    };
    // A help only: without it the ticket is written all the same.
    read().catch(() => {});
    return () => stopped.abort();
  }, [needed]);
  return tickets;
}

/** @param {{ title: string, except?: string }} props `except`: the ticket that this page itself has sent */
export function SimilarTickets({ title, except }) {
  const text = useTexts();
  const [rested, setRested] = useState(title);
  useEffect(() => {
    const timer = setTimeout(() => setRested(title), REST_MS);
    return () => clearTimeout(timer);
  }, [title]);
  const tickets = useOpenTickets(title.trim() !== "");
  const similar = useMemo(
    () =>
      similarTickets(
        rested,
        tickets.filter(({ ticket }) => ticket.id !== except),
      ),
    [rested, tickets, except],
  );
  return html`<div class="similar" role="status">
    ${
      similar.length > 0 &&
      html`<p class="heading">${text("new.similar.title", { count: similar.length })}</p>
      <ul>
        ${similar.map(
          (ticket) => html`<li key=${ticket.id}>
            <${Link} to=${`/tickets/${encodeURIComponent(ticket.id)}`}><bdi>${ticket.name}</bdi><//>
            <span class="marks"><${VendorBadge} vendor=${ticket.type} /> <${StateBadge} ticket=${ticket} /> <${Time}
              ms=${ticket.create_time} relative /></span>
          </li>`,
        )}
      </ul>`
    }
  </div>`;
}

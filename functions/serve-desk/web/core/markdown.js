// Plain text as people write it in tickets: code, lists, quoted lines, bold and links become readable elements. Every
// character of it stays text.

import { h, html } from "./html.js";

/** Quotes within quotes are told apart up to this. */
const DEEPEST_QUOTE = 4;

const FENCE = /^\s{0,3}(```+|~~~+)[^`~]*$/;
const QUOTE = /^\s{0,3}>\s?/;
const ITEM = /^(\s*)(?:[-*+•·]\s+|(\d{1,6})(?:[.)]\s+|[、．]\s*))(?=\S)/;

/** Code, bold, a link with a text, an address. */
const INLINE = new RegExp(
  [
    "(`{1,3})([^`\\n]+)\\1",
    "\\*\\*([^*\\n]+)\\*\\*",
    "\\[([^\\]\\[\\n]{1,300})\\]\\((https?://[^\\s()]{1,2000})\\)",
    "https?://[^\\s<>\"'`\\u3000-\\u303f\\uff01-\\uff5e\\u201c\\u201d\\u2018\\u2019]{1,2000}",
  ].join("|"),
  "g",
);

/**
 * The address, where a link may lead to it.
 * @param {string | null} address
 */
export function safeAddress(address) {
  try {
    const url = new URL(address ?? "");
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * A link that tells the other side nothing and can't reach this page; without a safe address its text alone.
 * @param {string | null} address
 * @param {any} children
 */
export function outsideLink(address, children) {
  const href = safeAddress(address);
  if (!href) return children;
  return html`<a href=${href} title=${href} target="_blank" rel="noopener noreferrer">${children}</a>`;
}

/**
 * One line or more, with what stands within lines.
 * @param {string} value
 * @returns {any[]}
 */
export function inline(value) {
  const parts = [];
  let end = 0;
  for (const found of value.matchAll(INLINE)) {
    const [whole, , code, bold, label, target] = found;
    let length = whole.length;
    let part;
    if (code !== undefined) part = h("code", null, code);
    else if (bold !== undefined) part = h("strong", null, bold);
    else if (label !== undefined) part = outsideLink(target, label);
    else {
      // The sentence's own signs behind an address are no part of it.
      while (".,;:!?)]}*".includes(whole[length - 1])) length--;
      const address = whole.slice(0, length);
      part = outsideLink(address, address);
    }
    parts.push(value.slice(end, found.index), part);
    end = found.index + length;
  }
  parts.push(value.slice(end));
  return parts.filter((part) => part !== "");
}

/**
 * @param {string} value
 * @param {number} [depth] how many quotes it stands in
 * @returns {any[]}
 */
export function markdown(value, depth = 0) {
  const lines = value.replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    if (fence) {
      let end = at + 1;
      while (end < lines.length && !closes(lines[end], fence[1])) end++;
      blocks.push(h("pre", null, h("code", null, lines.slice(at + 1, end).join("\n"))));
      at = end + 1;
    } else if (QUOTE.test(line) && depth < DEEPEST_QUOTE) {
      const end = endOf(lines, at, (next) => QUOTE.test(next));
      const inner = lines.slice(at, end).map((quoted) => quoted.replace(QUOTE, "")).join("\n");
      blocks.push(h("blockquote", null, markdown(inner, depth + 1)));
      at = end;
    } else if (ITEM.test(line)) {
      const numbered = ITEM.exec(line)?.[2] !== undefined;
      const end = endOf(lines, at, (next) => {
        const item = ITEM.exec(next);
        return item ? (item[2] !== undefined) === numbered : /^\s{2,}\S/.test(next);
      });
      blocks.push(list(lines.slice(at, end), numbered));
      at = end;
    } else {
      const end = endOf(lines, at, (next) => next.trim() !== "" && !beginsBlock(next, depth));
      // The space between blocks is the style sheet's.
      const paragraph = lines.slice(at, end).join("\n").replace(/^\s*\n/, "");
      if (paragraph.trim()) blocks.push(h("p", null, inline(paragraph)));
      at = end;
    }
  }
  return blocks;
}

/** @param {string} line @param {string} fence */
function closes(line, fence) {
  const end = line.trim();
  return end.length >= fence.length && end === fence[0].repeat(end.length);
}

/** @param {string} line @param {number} depth */
function beginsBlock(line, depth) {
  return FENCE.test(line) || ITEM.test(line) || (depth < DEEPEST_QUOTE && QUOTE.test(line));
}

/**
 * Behind the lines from `at` on that go on; the first one always counts.
 * @param {string[]} lines
 * @param {number} at
 * @param {(line: string) => boolean} goesOn
 */
function endOf(lines, at, goesOn) {
  let end = at + 1;
  while (end < lines.length && goesOn(lines[end])) end++;
  return end;
}

/** @param {string[]} lines @param {boolean} numbered */
function list(lines, numbered) {
  /** @type {{ value?: number, text: string }[]} */
  const items = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item) items.push({ value: numbered ? Number(item[2]) : undefined, text: line.slice(item[0].length) });
    else items[items.length - 1].text += `\n${line.trim()}`;
  }
  // Each number stays as it was written.
  return h(numbered ? "ol" : "ul", null, items.map(({ value, text }) => h("li", { value }, inline(text))));
}

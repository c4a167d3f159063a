// Texts from outside as elements. HTML is parsed into a document that runs and loads nothing, and is built again from
// the tags and attributes that are listed here; any other text is read as plain text.

import { h, html } from "./html.js";
import { inline, markdown, outsideLink, safeAddress } from "./markdown.js";
import { useTexts } from "./texts.js";

/** What stays as it is, without any attribute but those of `attributesOf`. */
const KEPT = new Set(
  ("p div b strong i em u s del ins code pre blockquote table thead tbody tfoot tr th td sub sup kbd").split(" "),
);
/** What goes with all that is in it. */
const DROPPED = new Set(
  ("script style template iframe frame frameset object embed applet noscript noembed noframes svg math head title " +
    "meta link canvas audio video source track portal dialog").split(" "),
);
const HEADINGS = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "dt"]);
const BLOCKS = "p, div, br, ul, ol, table, pre, blockquote, h1, h2, h3, h4, h5, h6, hr";

/** More than this is not shown: a text must not stop the page. */
const MOST_NODES = 20_000;
const MOST_CHARACTERS = 200_000;
const DEEPEST = 60;

/** A tag of the usual ones; attributes must have values, so that `a <b and c> d` is none. */
const TAG = new RegExp(
  "</?(?:p|div|br|span|b|strong|i|em|u|s|a|img|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|pre|code|blockquote|font|" +
    "hr|section|article|html|body|sub|sup)(?:\\s+[\\w:-]+\\s*=[^<>]*|\\s*)/?>",
  "i",
);
const ENTITY = /&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});/i;

/**
 * The parser wants a trusted value where the page's policy demands one. What it gives is only read, never inserted.
 * @type {{ createHTML(value: string): any } | undefined}
 */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("polydesk-inert", {
  createHTML: (/** @type {string} */ value) => value,
});

/** A character of no meaning, which is taken out of every text again. */
const MARK = "\ue000";

/**
 * Handlers, styles and a base are nothing in an inert document, and yet browsers report them to the page's policy. With
 * a mark within their names they are nothing to the parser either: a base is then an element whose children stay.
 * @param {string} value
 */
function disarmed(value) {
  return value.replace(/on(?=[a-z]{1,60}[\s/>=])|st(?=yle)|ba(?=se[\s/>])/gi, `$&${MARK}`);
}

/** @param {string | null} value */
function unmarked(value) {
  return (value ?? "").replaceAll(MARK, "");
}

/** @param {string} value */
function parsed(value) {
  const armless = disarmed(value);
  return new DOMParser().parseFromString(policy ? policy.createHTML(armless) : armless, "text/html");
}

/**
 * How a text is shown: as HTML, with its entities decoded, or as it is.
 * @param {string} content
 * @returns {"html" | "entities" | "plain"}
 */
export function kindOf(content) {
  const shown = content.slice(0, MOST_CHARACTERS);
  if (/^[^\S\n]*(```|~~~)/m.test(shown)) return "plain";
  if (TAG.test(shown)) return "html";
  return ENTITY.test(shown) && !/[<>]/.test(shown) ? "entities" : "plain";
}

/**
 * @param {{ content: string, plain?: boolean }} props `plain`: as it is, whatever stands in it
 */
export function Markup({ content, plain = false }) {
  const text = useTexts();
  const kind = plain ? "plain" : kindOf(content);
  const shown = content.length > MOST_CHARACTERS ? content.slice(0, MOST_CHARACTERS) : content;
  let cut = shown.length < content.length;
  let body, keepsLines = false;
  if (kind === "html") {
    const { body: root } = parsed(shown);
    const budget = { nodes: MOST_NODES };
    keepsLines = root.querySelector(BLOCKS) === null;
    body = childrenOf(root, { budget, depth: 0, verbatim: false, text });
    cut ||= budget.nodes < 0;
  } else {
    body = markdown(kind === "entities" ? unmarked(parsed(shown).documentElement.textContent) : shown);
  }
  return html`<div class="markup" dir="auto" data-lines=${keepsLines ? "" : undefined}>
    ${body}
    ${cut && html`<p class="cut">${text("ticket.text_cut")}</p>`}
  </div>`;
}

/**
 * @typedef {{ budget: { nodes: number }, depth: number, verbatim: boolean,
 *   text: (key: string, values?: any) => string }} Context
 *   `verbatim`: addresses in the text stay text, as in code and links
 */

/**
 * @param {Node} parent
 * @param {Context} context
 * @returns {any[]}
 */
function childrenOf(parent, context) {
  if (context.depth > DEEPEST) return [unmarked(parent.textContent)];
  const inner = { ...context, depth: context.depth + 1 };
  const children = [];
  for (const node of parent.childNodes) {
    if (--context.budget.nodes < 0) break;
    if (node instanceof Text) children.push(context.verbatim ? unmarked(node.data) : inline(unmarked(node.data)));
    else if (node instanceof Element) children.push(elementOf(node, inner));
  }
  return children;
}

/**
 * @param {Element} element of the inert document
 * @param {Context} context
 * @returns {any}
 */
function elementOf(element, context) {
  const name = unmarked(element.localName);
  // Foreign content has names like those of HTML and another meaning.
  if (DROPPED.has(name) || element.namespaceURI !== "http://www.w3.org/1999/xhtml") return null;
  if (name === "br" || name === "hr") return h(name, null);
  if (name === "img") return imageLink(element, context.text);
  if (name === "a") {
    return outsideLink(unmarked(element.getAttribute("href")), childrenOf(element, { ...context, verbatim: true }));
  }
  const inner = name === "code" || name === "pre" ? { ...context, verbatim: true } : context;
  const children = childrenOf(element, inner);
  if (HEADINGS.has(name)) return h("p", { class: "heading" }, children);
  if (name === "ul" || name === "ol") return h(name, attributesOf(element), itemsOf(element, context));
  if (name === "li" || name === "dd") return h("div", null, children);
  if (name === "table") {
    // A wide table is scrolled by itself, by the keyboard too.
    return html`<div class="table" role="group" tabindex="0" aria-label=${context.text("ticket.text_table")}>
      ${h("table", null, children)}
    </div>`;
  }
  if (name === "th" && !element.textContent?.trim()) return h("td", attributesOf(element), children);
  return KEPT.has(name) ? h(name, attributesOf(element), children) : children;
}

/**
 * A list has items only.
 * @param {Element} list
 * @param {Context} context
 */
function itemsOf(list, context) {
  const items = [];
  for (const child of list.childNodes) {
    if (child instanceof Element && child.localName === "li") {
      if (--context.budget.nodes < 0) break;
      items.push(h("li", null, childrenOf(child, { ...context, depth: context.depth + 1 })));
    } else if ((child instanceof Element || child instanceof Text) && child.textContent?.trim()) {
      const content = child instanceof Element ? elementOf(child, context) : inline(unmarked(child.textContent));
      items.push(h("li", null, content));
    }
  }
  return items;
}

/** @param {Element} element */
function attributesOf(element) {
  /** @type {Record<string, number>} */
  const attributes = {};
  for (const name of ["colspan", "rowspan"]) {
    const value = Number(element.getAttribute(name));
    if (element.matches("td, th") && Number.isInteger(value) && value > 1 && value <= 100) attributes[name] = value;
  }
  const start = Number(element.getAttribute("start"));
  if (element.localName === "ol" && Number.isInteger(start) && start > 1) attributes.start = start;
  return attributes;
}

/**
 * An image is not loaded: that would tell its host who reads the ticket.
 * @param {Element} image
 * @param {(key: string, values?: any) => string} text
 */
function imageLink(image, text) {
  const source = unmarked(image.getAttribute("src"));
  const label = text("ticket.text_image", { name: unmarked(image.getAttribute("alt")) || lastPart(source) });
  return html`<span class="image">${outsideLink(source, label)}</span>`;
}

/** @param {string} address */
function lastPart(address) {
  return safeAddress(address)?.split(/[?#]/)[0].split("/").pop()?.slice(0, 80) ?? "";
}

// What the page's files weigh, and what must not stand in them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compressedSize, loadedFiles, source } from "../harness/web.js";

/** The most that the page may weigh, compressed as it is sent. */
const MOST_BYTES = 150 * 1024;

const files = loadedFiles();
const own = files.filter((path) => !path.startsWith("vendor/"));

/** A module's imports, as it is loaded. */
const IMPORTS = /(?:^|[;}\s])(?:import|export)\b[^;"'`()]*?["'](\.[^"']+)["']/g;
/** Its imports when they are needed. */
const LATE_IMPORTS = /\b(?:import|new URL)\(\s*["'](\.[^"']+)["']\s*[,)]/g;
const STYLE_IMPORTS = /@import\s+(?:url\()?["']([^"']+)["']/g;

/**
 * What the document loads, its style sheets and modules and what they import, and these files.
 * @param {{ late: boolean, more?: string[] }} options `late`: with what is imported when it is needed
 */
function loaded({ late, more = [] }) {
  const paths = new Set(["index.html"]);
  const queue = [...source("index.html").matchAll(/\{assets\}\/([^"]+)"/g)].map(([, path]) => path).concat(more);
  while (queue.length > 0) {
    const path = queue.pop();
    if (paths.has(path)) continue;
    paths.add(path);
    const patterns = path.endsWith(".css") ? [STYLE_IMPORTS] : late ? [IMPORTS, LATE_IMPORTS] : [IMPORTS];
    for (const target of patterns.flatMap((pattern) => targets(path, pattern))) queue.push(target);
  }
  return [...paths];
}

/** The paths that a file names. @param {string} path @param {RegExp} pattern */
function targets(path, pattern) {
  const found = [...source(path).matchAll(pattern)].map(([, target]) => target);
  return found.map((target) => new URL(target, `http://web/${path}`).pathname.slice(1));
}

test("each page weighs at most 150 KiB, with all that it shares with others", (t) => {
  const pages = targets("pages/index.js", LATE_IMPORTS);
  assert.ok(pages.length > 6);
  for (const page of pages) {
    const charts = page.startsWith("pages/numbers/") ? ["vendor/uplot.mjs", "vendor/uplot.css"] : [];
    const weight = loaded({ late: false, more: [page, ...charts] }).reduce((sum, path) => sum + compressedSize(path), 0);
    t.diagnostic(`${page}: ${(weight / 1024).toFixed(1)} KiB as gzip`);
    assert.ok(weight <= MOST_BYTES, `${page}: ${weight} bytes`);
  }
});

test("every module and style sheet is reached from the document", () => {
  const reached = loaded({ late: true });
  assert.deepEqual(
    files.filter((path) => /\.(m?js|css)$/.test(path) && !reached.includes(path)),
    [],
  );
});

/** The vendors' consoles, which people open: the page itself calls none of them. */
const CONSOLES = ["aliyun.com", "alibabacloud.com", "huaweicloud.com", "tencent.com", "tencentcloud.com"];

/** @param {string} url */
function isNamedOnly(url) {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  // A namespace is a name, and a simulated vendor an example.
  return (
    hostname === "www.w3.org" || hostname === "127.0.0.1" || CONSOLES.some((domain) => hostname.endsWith(`.${domain}`))
  );
}

test("no file names a host that the page would call", () => {
  for (const path of own) {
    const text = source(path).replace(/^\s*(\/\/|\*).*$/gm, "");
    const urls = [...text.matchAll(/\b(?:https?|wss?):\/\/[^\s"'`)<>\u0080-\uffff]+/g)].map(([url]) =>
      url.replace(/[.,;:]+$/, ""),
    );
    assert.deepEqual(
      urls.filter((url) => !isNamedOnly(url)),
      [],
      path,
    );
    assert.doesNotMatch(text, /(?:src|href|url\(|from|import)\s*[=(]?\s*["'`]\/\//, path);
  }
});

test("nothing makes elements or code from a text", () => {
  const refused =
    /\b((inner|outer|insertAdjacent|dangerouslySetInner)HTML|document\.write|createContextual\w+|eval|new Function)\b/;
  for (const path of own) {
    const text = source(path).replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
    assert.doesNotMatch(text, refused, path);
    if (path.endsWith(".html")) assert.doesNotMatch(text, /\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)/, path);
  }
});

test("files are short", () => {
  for (const path of own.filter((path) => /\.(js|css)$/.test(path))) {
    const lines = source(path).split("\n");
    // The texts are one list.
    if (!path.startsWith("texts/")) assert.ok(lines.length <= 301, `${path} has ${lines.length - 1} lines`);
  }
});

// What axe-core finds on a page.

import assert from "node:assert/strict";

import { axeSource } from "./modules.js";

/** WCAG 2.2 AA, and what axe-core recommends beyond it. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** @param {any} page of Playwright @param {string} what is looked at */
export async function assertAccessible(page, what) {
  await page.evaluate(axeSource());
  const { violations } = await page.evaluate(
    // @ts-ignore: `axe` is what the source above makes.
    (/** @type {string[]} */ tags) =>
      axe.run(document, {
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
        // Else it adds style elements, which the page's policy refuses and reports.
        preload: false,
      }),
    TAGS,
  );
  const findings = violations.flatMap((/** @type {any} */ rule) =>
    rule.nodes.map(
      (/** @type {any} */ node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary.replace(/\s+/g, " ")}`,
    ),
  );
  assert.deepEqual(findings, [], what);
}

/** @param {any} page of Playwright @param {string} what is looked at */
export async function assertNoSidewaysScroll(page, what) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => ({
    scrollWidth: document.documentElement.scrollWidth,
    clientWidth: document.documentElement.clientWidth,
  }));
  assert.ok(scrollWidth <= clientWidth, `${what} is ${scrollWidth} pixels wide, of ${clientWidth}`);
}

// Visits of the page in a browser: each has its own context, and fails by whatever the page should not do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "./modules.js";
import { Stack } from "./stack.js";
import { textReader } from "./web.js";
import { serveWorkingTree } from "./working_tree.js";

/** How long a locator waits for what it names. */
const PATIENCE_MS = 15_000;

/** What is said of an answer with an error status. Tests ask for such answers. */
const FAILED_LOAD = /^Failed to load resource: /;

/**
 * @typedef {object} Visit
 * @property {any} page of Playwright
 * @property {any} context of Playwright
 * @property {Stack} stack
 * @property {"en" | "zh"} language
 * @property {(key: string, values?: Record<string, string | number>) => string} text in the language of the visit
 * @property {{ method: string, url: URL, headers: Record<string, string>, body: string | null }[]} requests of the page
 * @property {string[]} faults what the page should not have done
 */

/**
 * @typedef {object} VisitOptions
 * @property {"en" | "zh"} [language]
 * @property {"light" | "dark"} [theme]
 * @property {{ width: number, height: number }} [viewport]
 * @property {string | null} [key] the access key or a token; nothing opens the page without one
 * @property {string} [path] below `/desk`, with its query
 * @property {string[]} [origins] which the page may call besides those of the stack
 * @property {(context: any, stack: Stack) => Promise<void>} [prepare] is called before the page is opened
 */

/**
 * A stack and a browser for the tests of one file.
 * @param {{ settleTimeMs?: number, hasTokens?: boolean, fill?: (stack: Stack) => Promise<void> }} [options]
 */
export function deskTests({ fill, ...options } = {}) {
  /** @type {Stack} */ let stack;
  /** @type {any} */ let browser;
  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(options), launch()]);
    await fill?.(stack);
  });
  after(() => Promise.all([stack?.stop(), browser?.close()]));
  return {
    /** @param {string} name @param {(stack: Stack) => Promise<void>} run */
    stackTest: (name, run) => test(name, () => run(stack)),
    /** @param {string} name @param {VisitOptions} visitOptions @param {(visit: Visit) => Promise<void>} run */
    deskTest: (name, visitOptions, run) => test(name, () => visit(browser, stack, visitOptions, run)),
    /** Within a test. @param {VisitOptions} visitOptions @param {(visit: Visit) => Promise<void>} run */
    visit: (visitOptions, run) => visit(browser, stack, visitOptions, run),
  };
}

function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_BIN,
    // As root there is no sandbox. A page that Playwright answers has no address, and could call none of this machine.
    // The others keep the browser from calling hosts of its own.
    args: [
      "--no-sandbox",
      "--disable-features=LocalNetworkAccessChecks",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      ...(process.env.CHROMIUM_ARGUMENTS?.split(" ") ?? []),
    ],
  });
}

/**
 * @param {any} browser
 * @param {Stack} stack
 * @param {VisitOptions} options
 * @param {(visit: Visit) => Promise<void>} run
 */
async function visit(browser, stack, options, run) {
  const { language = "en", theme = "light", viewport = { width: 1280, height: 800 }, path = "/" } = options;
  const key = options.key === undefined ? stack.key : options.key;
  const context = await browser.newContext({
    locale: language === "zh" ? "zh-CN" : "en-GB",
    timezoneId: "Asia/Shanghai",
    colorScheme: theme,
    viewport,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  /** @type {Visit["requests"]} */ const requests = [];
  /** @type {string[]} */ const faults = [];
  try {
    const own = [stack.origin, stack.environment.AWS_ENDPOINT_URL_S3];
    const isAllowed = (/** @type {string} */ origin) =>
      own.includes(origin) || options.origins?.includes(origin) === true;
    watch(context, isAllowed, requests, faults);
    // The policy's reports become messages of the console, which outlive a change of the page.
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} refuses ${event.blockedURI} ${event.sample}`);
      });
    });
    if (process.env.DESK_WEB) await serveWorkingTree(context, stack, () => options.origins ?? []);
    await options.prepare?.(context, stack);
    const page = await context.newPage();
    await page.goto(`${stack.origin}/desk${path}${key === null ? "" : `#access_key=${key}`}`);
    // The key is taken out of the address before another page is opened.
    if (key !== null) await page.waitForFunction(() => location.hash === "");
    await run({ page, context, stack, language, text: await textReader(language), requests, faults });
  } catch (error) {
    // What was seen last says more than the name of what was waited for.
    const pages = await Promise.all(context.pages().map((/** @type {any} */ page) => seen(page)));
    error.stack += `\n\nThe page shows:\n${[...pages, ...faults].join("\n")}`;
    throw error;
  } finally {
    // A request under way, as of a poll, is no one's any more.
    await context.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
  assert.deepEqual(faults, []);
}

/** @param {any} page */
async function seen(page) {
  const text = await page.locator("body").innerText({ timeout: 2_000 }).catch(String);
  return `${page.url()}\n${text.slice(0, 3_000)}`;
}

/**
 * @param {any} context
 * @param {(origin: string) => boolean} isAllowed
 * @param {Visit["requests"]} requests
 * @param {string[]} faults
 */
function watch(context, isAllowed, requests, faults) {
  context.on("request", (/** @type {any} */ request) => {
    const url = new URL(request.url());
    // A file of the access folder leads to the page.
    if (["data:", "blob:", "file:"].includes(url.protocol)) return;
    requests.push({ method: request.method(), url, headers: request.headers(), body: request.postData() });
    if (!isAllowed(url.origin)) faults.push(`request to ${url.origin}`);
  });
  context.on("console", (/** @type {any} */ message) => {
    if (message.type() === "error" && !FAILED_LOAD.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  context.on("weberror", (/** @type {any} */ error) => faults.push(`error: ${error.error().stack ?? error.error()}`));
  context.on("dialog", (/** @type {any} */ dialog) => {
    if (dialog.type() !== "beforeunload") faults.push(`dialog: ${dialog.type()} ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
}

/** Waits until it is visible. @param {any} locator */
export const shows = (locator) => locator.first().waitFor({ state: "visible" });

/** Waits until it is not. @param {any} locator */
export const gone = (locator) => locator.first().waitFor({ state: "hidden" });

/** Waits until that many are there. @param {any} locator @param {number} count */
export async function counts(locator, count) {
  if (count > 0) await locator.nth(count - 1).waitFor({ state: "attached" });
  await locator.nth(count).waitFor({ state: "detached" });
}

// No connection, and a stack that fails: what is shown says so, and nothing that was typed is lost.

import assert from "node:assert/strict";

import { assertAccessible } from "../harness/axe.js";
import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { fillTicket, message, openTicket, replyField, sendTicket } from "../harness/steps.js";

/** @type {any} */
let ticket;

const { deskTest } = deskTests({
  fill: async (stack) => {
    ticket = await addTicket(stack, await addAccount(stack, "ALIBABA"), {
      name: "A ticket that stays",
      description: "text",
    });
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** @param {Visit} visit @param {"offline" | "failing"} state */
const banner = ({ page, text }, state) => page.getByRole("alert").filter({ hasText: text(`connection.${state}`) });

/**
 * Answers calls of the API at these paths with 503, until the returned function is called.
 * @param {Visit} visit
 * @param {RegExp} paths
 * @param {string} [method]
 */
async function fail({ page, stack }, paths, method) {
  const isOne = (/** @type {URL} */ url) =>
    url.origin === stack.origin && !url.pathname.startsWith("/desk") && paths.test(url.pathname);
  const answer = (/** @type {any} */ route) =>
    method && route.request().method() !== method
      ? route.fallback()
      : route.fulfill({ status: 503, contentType: "application/json", body: '{"message":"Service Unavailable"}' });
  await page.route(isOne, answer);
  return () => page.unroute(isOne, answer);
}

/** Has the page read again at once, as it does when a person comes back to it. @param {Visit} visit */
const comeBack = ({ page }) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

deskTest("without a connection the list stays, and says how old it may be", {}, async (visit) => {
  const { page, context } = visit;
  const row = page.getByRole("link", { name: "A ticket that stays" });
  await shows(row);
  await context.setOffline(true);
  await shows(banner(visit, "offline"));
  await shows(row);
  await assertAccessible(page, "offline");
  await context.setOffline(false);
  await gone(banner(visit, "offline"));
  await shows(row);
});

deskTest("a stack that fails is told, and the list stays", { language: "zh" }, async (visit) => {
  const { page } = visit;
  const row = page.getByRole("link", { name: "A ticket that stays" });
  await shows(row);
  const mend = await fail(visit, /^\/tickets/);
  await comeBack(visit);
  await shows(banner(visit, "failing"));
  await shows(row);
  await mend();
  await comeBack(visit);
  await gone(banner(visit, "failing"));
});

deskTest("a list that can't be read says so, and is read again on request", { path: "/nowhere" }, async (visit) => {
  const { page, text } = visit;
  const mend = await fail(visit, /^\/tickets/);
  await page.getByRole("link", { name: text("nav.tickets"), exact: true }).click();
  const failure = page.getByRole("alert").filter({ has: page.getByRole("button", { name: text("action.retry") }) });
  await shows(failure.getByText(text("problem.server", { status: 503 })));
  assert.equal(await page.getByText(text("tickets.none")).count(), 0);
  await mend();
  await failure.getByRole("button", { name: text("action.retry") }).click();
  await shows(page.getByRole("link", { name: "A ticket that stays" }));
  await gone(failure);
});

deskTest("a problem is told in Chinese, with the API's own words below", { language: "zh" }, async (visit) => {
  const { page, text } = visit;
  const detail = "The catalog of this site was never refreshed.";
  const problem = { type: "about:blank", title: "Conflict", status: 409, code: "catalog_not_refreshed", detail };
  await page.route(/\/accounts\?/, (/** @type {any} */ route) =>
    route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.getByRole("link", { name: text("nav.accounts"), exact: true }).click();
  const failure = page.getByRole("alert").filter({ hasText: text("problem.catalog_not_refreshed") });
  await shows(failure);
  assert.equal(await failure.locator('[lang="en"]').textContent(), detail);
});

for (const [how, language] of /** @type {const} */ ([
  ["offline", "zh"],
  ["5xx", "en"],
])) {
  deskTest(
    `a reply that is not answered (${how}) is kept, and sent once by the same button`,
    { language },
    async (visit) => {
      const { page, context, stack, text, requests } = visit;
      const words = `Not lost, ${how}`;
      await openTicket(visit, ticket.id);
      await replyField(visit).fill(words);
      const form = page.getByRole("form", { name: text("ticket.reply") });
      const mend = how === "5xx" ? await fail(visit, /messages$/, "POST") : null;
      if (!mend) await context.setOffline(true);
      await form.getByRole("button", { name: text("ticket.send") }).click();
      await shows(form.getByRole("alert").filter({ hasText: text("ticket.repeat_is_safe") }));
      assert.equal(await replyField(visit).inputValue(), words);
      if (mend) await mend();
      else await context.setOffline(false);
      // Also where the page is loaded again between the two attempts.
      await page.reload();
      await shows(form);
      assert.equal(await replyField(visit).inputValue(), words);
      await form.getByRole("button", { name: text("ticket.reply_again") }).click();
      await shows(message(visit, words));
      assert.equal(await replyField(visit).inputValue(), "");
      const sent = requests.filter(({ method, url }) => method === "POST" && url.pathname.endsWith("/messages"));
      assert.ok(sent.length >= 2);
      assert.equal(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size, 1);
      const [atVendor] = (await stack.simulator("ALIBABA", "tickets")).tickets.filter(
        (/** @type {any} */ one) => one.id === ticket.cloud_id,
      );
      assert.equal(atVendor.messages.filter((/** @type {any} */ one) => one.content === words).length, 1);
    },
  );
}

deskTest(
  "a new ticket that is typed without a connection survives, and is sent once",
  { path: "/new" },
  async (visit) => {
    const { page, context, stack, text, requests } = visit;
    const texts = { name: "Typed before the connection was lost", description: "Every word of this stays.\n第二行" };
    await fillTicket(visit, texts);
    await context.setOffline(true);
    await page.getByRole("button", { name: text("new.submit") }).click();
    await shows(page.getByRole("alert").filter({ hasText: text("problem.no_answer") }));
    assert.equal(await page.getByLabel(text("new.description")).inputValue(), texts.description);
    await context.setOffline(false);
    await page.reload();
    await shows(page.getByText(text("new.draft.restored")));
    assert.equal(await page.getByLabel(text("new.name"), { exact: false }).first().inputValue(), texts.name);
    assert.equal(await page.getByLabel(text("new.description")).inputValue(), texts.description);
    await sendTicket(visit);
    const created = requests.filter(
      ({ method, url }) => method === "POST" && url.pathname === "/tickets" && !url.search,
    );
    assert.equal(new Set(created.map(({ headers }) => headers["idempotency-key"])).size, 1);
    const { tickets } = await stack.simulator("ALIBABA", "tickets");
    assert.equal(tickets.filter((/** @type {any} */ one) => one.title === texts.name).length, 1);
  },
);

deskTest("a draft of a reply and one of a ticket survive a reload and another page", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openTicket(visit, ticket.id);
  await replyField(visit).fill("half a sent");
  await page
    .getByRole("navigation")
    .getByRole("link", { name: text("nav.new") })
    .click();
  await page.getByLabel(text("new.description")).fill("half a description");
  await page.goto(`${stack.origin}/desk/tickets`);
  await counts(
    page.getByRole("list", { name: text("nav.tickets") }).getByRole("link", { name: "A ticket that stays" }),
    1,
  );
  await openTicket(visit, ticket.id);
  assert.equal(await replyField(visit).inputValue(), "half a sent");
  await page.goto(`${stack.origin}/desk/new`);
  await shows(page.getByText(text("new.draft.restored")));
  assert.equal(await page.getByLabel(text("new.description")).inputValue(), "half a description");
});

deskTest("a page that reads nothing by itself tells that the connection is back", { path: "/audit" }, async (visit) => {
  const { page, context, text } = visit;
  await shows(page.getByRole("heading", { level: 1, name: text("nav.audit") }));
  await context.setOffline(true);
  await shows(banner(visit, "offline"));
  await context.setOffline(false);
  await gone(banner(visit, "offline"));
});

deskTest("a failure of a vendor is none of the server", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openTicket(visit, ticket.id);
  const isVendorRead = (/** @type {URL} */ url) => url.origin === stack.origin && url.searchParams.has("refresh");
  const vendor = { type: "ALIBABA", code: "ServiceUnavailable" };
  await page.route(isVendorRead, (/** @type {any} */ route) =>
    route.fulfill({ status: 502, json: { status: 502, code: "vendor_unavailable", detail: "It failed.", vendor } }),
  );
  const answered = page.waitForResponse((/** @type {any} */ response) => response.status() === 502);
  await page.getByRole("button", { name: text("ticket.refresh") }).click();
  await answered;
  await shows(page.getByRole("alert").filter({ hasNotText: text("connection.failing") }));
  assert.equal(await banner(visit, "failing").filter({ visible: true }).count(), 0);
});

deskTest("an answer from before a change does not undo it", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openTicket(visit, ticket.id);
  const isTicket = (/** @type {URL} */ url) => url.origin === stack.origin && url.pathname === `/tickets/${ticket.id}`;
  /** @type {() => void} */ let release;
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  /** @type {any} */ let held;
  await page.route(isTicket, async (/** @type {any} */ route) => {
    if (route.request().method() !== "GET" || held) return route.fallback();
    held = route.request();
    const headers = { ...held.headers() };
    // The answer is a whole one, as that to the first read of a page.
    delete headers["if-none-match"];
    const response = await route.fetch({ headers });
    await released;
    await route.fulfill({ response });
  });
  await comeBack(visit);
  await stack.until(async () => held !== undefined, Boolean);
  await page.getByRole("button", { name: text("ticket.hold") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("REQ-7");
  await dialog.getByRole("button", { name: text("ticket.hold") }).click();
  const badge = page.locator(".badge").filter({ hasText: text("ticket.on_hold") });
  await shows(badge);
  const answered = page.waitForEvent("requestfinished", (/** @type {any} */ request) => request === held);
  release();
  await answered;
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await badge.count(), 1);
});

deskTest("reads wait as long as the answer says, and never less than they do otherwise", {}, async (visit) => {
  const { page, stack, requests } = visit;
  await page.clock.install();
  await page.reload();
  await shows(page.getByRole("link", { name: "A ticket that stays" }));
  const asked = () => requests.filter(({ url }) => url.searchParams.has("updated_since"));
  const failing = () => asked().filter(({ url }) => url.searchParams.has("status")).length;
  const all = () => asked().filter(({ url }) => !url.searchParams.has("status")).length;
  // What the page asks in turn has been asked when this is answered.
  const pass = async (/** @type {number} */ ms) => {
    await page.clock.fastForward(ms);
    await page.evaluate(() => fetch("/desk/config.json").then((response) => response.text()));
  };
  await stack.until(async () => all() > 0 && failing() > 0, Boolean);
  const isChanges = (/** @type {URL} */ url) => url.origin === stack.origin && url.searchParams.has("updated_since");
  await page.route(isChanges, (/** @type {any} */ route) =>
    route.fulfill({
      status: 429,
      headers: route.request().url().includes("status=1") ? { "retry-after": "100" } : {},
      json: { code: "too_many_calls" },
    }),
  );
  const refused = (/** @type {boolean} */ hasStatus) =>
    page.waitForResponse(
      (/** @type {any} */ response) =>
        response.status() === 429 && new URL(response.url()).searchParams.has("status") === hasStatus,
    );
  const allRefused = all() + 1;
  await Promise.all([refused(true), pass(11_000)]);
  const before = failing();
  await Promise.all([refused(false), page.evaluate(() => dispatchEvent(new Event("online")))]);
  await pass(0);
  for (let at = 0; at < 90; at += 30) await pass(30_000);
  assert.equal(failing(), before);
  await pass(11_000);
  assert.equal(failing(), before + 1);
  // What is read each three minutes is not read more often because it fails.
  for (let at = 0; at < 60; at += 30) await pass(30_000);
  assert.equal(all(), allRefused);
  await pass(30_000);
  assert.equal(all(), allRefused + 1);
});

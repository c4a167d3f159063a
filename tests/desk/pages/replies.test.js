// What is sent to a vendor from a ticket's page arrives once, and no text is lost: after answers that do not come, in two
// tabs, after a day, and while the person or the ticket is not ready.

import assert from "node:assert/strict";

import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { A_MINUTE, message, openTicket, replyField } from "../harness/steps.js";

/** @type {Record<string, any>} */ const accounts = {};

const { deskTest } = deskTests({
  settleTimeMs: 1_000,
  fill: async (stack) => {
    for (const vendor of /** @type {const} */ (["ALIBABA", "HUAWEI"])) accounts[vendor] = await addAccount(stack, vendor);
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** @param {Visit} visit @param {string} name @param {"ALIBABA" | "HUAWEI"} [vendor] */
async function openNew(visit, name, vendor = "ALIBABA") {
  const ticket = await addTicket(visit.stack, accounts[vendor], { name, description: "text" });
  await openTicket(visit, ticket.id);
  return ticket;
}

/** @param {Visit} visit @param {string} name @param {"ALIBABA" | "HUAWEI"} [vendor] */
async function openClosed(visit, name, vendor = "ALIBABA") {
  const { stack } = visit;
  const ticket = await addTicket(stack, accounts[vendor], { name, description: "text" });
  await stack.api("POST", `/tickets/${ticket.id}/close`);
  const now = () => stack.api("GET", `/tickets/${ticket.id}`);
  await stack.until(now, ({ state }) => state === "closed");
  await openTicket(visit, ticket.id);
  return ticket;
}

/** @param {Visit} visit */
const form = ({ page, text }) => page.getByRole("form", { name: text("ticket.reply") });

/** @param {any} within @param {Visit} visit @param {string} key */
const button = (within, { text }, key) => within.getByRole("button", { name: text(key), exact: true });

/**
 * Gives these answers to writes at a path, one after the other; what comes then is the stack's.
 * @param {Visit} visit @param {RegExp} path @param {("reached" | { status: number, body: object })[]} answers `reached`:
 *   the stack gets it, and its answer is lost
 */
async function answerWrites({ page, stack }, path, answers) {
  const isOne = (/** @type {URL} */ url) => url.origin === stack.origin && path.test(url.pathname);
  await page.route(isOne, async (/** @type {any} */ route) => {
    const answer = route.request().method() === "GET" ? undefined : answers.shift();
    if (answer === undefined) return route.fallback();
    if (answer === "reached") {
      await route.fetch();
      return route.abort("connectionreset");
    }
    return route.fulfill({ status: answer.status, contentType: "application/json", body: JSON.stringify(answer.body) });
  });
}

/** Has the page read at once, as when a person comes back to it. @param {Visit} visit */
const readAgain = ({ page }) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

/** The keys of the writes at a path so far. @param {Visit} visit @param {RegExp} path */
const keysOf = ({ requests }, path) =>
  requests
    .filter(({ method, url }) => method !== "GET" && path.test(url.pathname))
    .map(({ headers }) => headers["idempotency-key"]);

/** How often the vendor has this text in a ticket. @param {Visit} visit @param {any} ticket @param {string} words */
async function atVendor({ stack }, ticket, words) {
  const { tickets } = await stack.simulator("ALIBABA", "tickets");
  const { messages } = tickets.find((/** @type {any} */ one) => one.id === ticket.cloud_id);
  return messages.filter((/** @type {any} */ one) => one.content === words).length;
}

for (const [name, status, body] of /** @type {const} */ ([
  ["store_contention", 409, { code: "store_contention", status: 409, detail: "Too many at once." }],
  ["a gateway's 403", 403, { message: "Forbidden" }],
  ["a proxy's 404", 404, {}],
])) {
  deskTest(`a reply that may have arrived stays locked after ${name}`, {}, async (visit) => {
    const ticket = await openNew(visit, `Locked after ${name}`);
    const words = `Once, also after ${name}`;
    await answerWrites(visit, /\/messages$/, ["reached", { status, body }]);
    await replyField(visit).fill(words);
    await button(form(visit), visit, "ticket.send").click();
    const again = button(form(visit), visit, "ticket.reply_again");
    await again.click();
    await shows(form(visit).getByRole("alert").filter({ hasNotText: visit.text("problem.no_answer") }));
    assert.equal(await replyField(visit).isEditable(), false);
    await again.click();
    await shows(message(visit, words));
    const keys = keysOf(visit, /\/messages$/);
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
    assert.equal(await atVendor(visit, ticket, words), 1);
  });
}

deskTest("two tabs have one draft, and send it once", {}, async (visit) => {
  const { page, context, stack } = visit;
  const ticket = await openNew(visit, "Two tabs");
  const other = { ...visit, page: await context.newPage() };
  await other.page.goto(`${stack.origin}/desk/tickets/${ticket.id}#access_key=${stack.key}`);
  await shows(form(other));
  await answerWrites(visit, /\/messages$/, ["reached"]);
  await replyField(visit).fill("From one of two tabs");
  await other.page.waitForFunction(() => document.querySelector("textarea")?.value === "From one of two tabs");
  await button(form(visit), visit, "ticket.send").click();
  await shows(button(form(visit), visit, "ticket.reply_again"));
  await button(form(other), visit, "ticket.reply_again").click();
  await shows(message(other, "From one of two tabs"));
  // What the other tab has settled is no longer offered here.
  await shows(button(form(visit), visit, "ticket.send"));
  assert.equal(await replyField(visit).inputValue(), "");
  await shows(message({ ...visit, page }, "From one of two tabs"));
  assert.equal(new Set(keysOf(visit, /\/messages$/)).size, 1);
  assert.equal(await atVendor(visit, ticket, "From one of two tabs"), 1);
});

deskTest("the text of a reply that the vendor never got comes back", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await openNew(visit, "Cut before it arrived");
  await stack.simulator("ALIBABA", "faults", { operation: "ReplyTicket", times: 1, fault: "cut_before" });
  await replyField(visit).fill("It never arrived");
  await button(form(visit), visit, "ticket.send").click();
  await message(visit, "It never arrived").filter({ hasText: text("ticket.reply_unknown") }).waitFor();
  assert.equal(await replyField(visit).inputValue(), "");
  // Also where the page was left meanwhile.
  await page.reload();
  await form(visit)
    .getByText(text("ticket.reply_returned"))
    .waitFor({ timeout: 3 * A_MINUTE });
  assert.equal(await replyField(visit).inputValue(), "It never arrived");
  await button(form(visit), visit, "ticket.send").click();
  await shows(message(visit, "It never arrived"));
  await gone(form(visit).getByText(text("ticket.reply_returned")));
  assert.equal(await atVendor(visit, ticket, "It never arrived"), 1);
});

deskTest("an attempt of yesterday is not repeated, and asks the person", {}, async (visit) => {
  const { page, text } = visit;
  await page.clock.install();
  await openNew(visit, "Left over night");
  await answerWrites(visit, /\/messages$/, [{ status: 503, body: { message: "Service Unavailable" } }]);
  await replyField(visit).fill("Written yesterday");
  await button(form(visit), visit, "ticket.send").click();
  const again = button(form(visit), visit, "ticket.reply_again");
  await shows(again);
  await page.clock.fastForward("24:00:00");
  await page.reload();
  await shows(form(visit).getByText(text("ticket.reply_too_late")));
  assert.equal(await again.isEnabled(), false);
  assert.equal(await replyField(visit).inputValue(), "Written yesterday");
  await button(form(visit), visit, "ticket.reply_edit_anyway").click();
  assert.equal(await button(form(visit), visit, "ticket.send").isEnabled(), true);
  assert.equal(await replyField(visit).inputValue(), "Written yesterday");
  assert.equal(keysOf(visit, /\/messages$/).length, 1);
});

deskTest("text and files stay while the person signs in again, and when the ticket is closed", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await openNew(visit, "Interrupted");
  await replyField(visit).fill("Half a thought");
  await form(visit)
    .locator("input[type=file]")
    .setInputFiles([{ name: "kept.log", mimeType: "text/plain", buffer: Buffer.from("kept") }]);
  const files = form(visit).getByRole("list", { name: text("files.chosen") }).getByRole("listitem");
  await counts(files, 1);
  const isTicket = (/** @type {URL} */ url) => url.pathname === `/tickets/${ticket.id}`;
  await page.route(isTicket, (/** @type {any} */ route) =>
    route.fulfill({ status: 401, contentType: "application/json", body: '{"message":"Unauthorized"}' }),
  );
  await readAgain(visit);
  const key = page.getByLabel(text("session.key"));
  await shows(key);
  await counts(files, 1);
  assert.equal(await page.getByText(text("ticket.read_only")).count(), 0);
  await page.unroute(isTicket);
  await key.fill(stack.key);
  await key.press("Enter");
  await gone(key);
  await stack.api("POST", `/tickets/${ticket.id}/close`);
  await readAgain(visit);
  await shows(form(visit).getByText(text("ticket.reply_not_open")));
  assert.equal(await replyField(visit).inputValue(), "Half a thought");
  assert.equal(await replyField(visit).isEditable(), false);
  assert.equal(await button(form(visit), visit, "ticket.send").isEnabled(), false);
  await counts(files, 1);
  await button(form(visit), visit, "ticket.reply_discard").click();
  await gone(form(visit));
});

deskTest("what the vendor offers is read again where that failed", {}, async (visit) => {
  const { page, text } = visit;
  const isVendors = (/** @type {URL} */ url) => url.pathname === "/vendors";
  await page.route(isVendors, (/** @type {any} */ route) =>
    route.fulfill({ status: 503, contentType: "application/json", body: '{"message":"Service Unavailable"}' }),
  );
  await openNew(visit, "Vendors unread");
  const retry = page.getByRole("alert").getByRole("button", { name: text("action.retry") });
  await shows(retry);
  assert.equal(await form(visit).count(), 0);
  await page.unroute(isVendors);
  await retry.click();
  await shows(replyField(visit));
  await gone(retry);
});

deskTest("a reopening keeps its text and its key when its dialog is closed", {}, async (visit) => {
  const { page, text } = visit;
  await openClosed(visit, "Opened again once");
  await answerWrites(visit, /\/reopen$/, ["reached"]);
  const open = button(page.getByRole("main"), visit, "ticket.reopen").first();
  const dialog = page.getByRole("dialog", { name: text("ticket.reopen_title") });
  await open.click();
  await dialog.getByLabel(text("ticket.reopen_why")).fill("It is back");
  await button(dialog, visit, "ticket.reopen").click();
  const again = button(dialog, visit, "ticket.reply_again");
  await shows(again);
  await page.keyboard.press("Escape");
  await gone(dialog);
  await page.reload();
  const isOpened = message(visit, "It is back");
  // The page may show the open ticket at once, which takes a reply only.
  await shows(open.or(isOpened));
  if (await open.isVisible()) {
    await open.click();
    assert.equal(await dialog.getByLabel(text("ticket.reopen_why")).inputValue(), "It is back");
    await again.click();
    await shows(isOpened);
  }
  assert.equal(new Set(keysOf(visit, /\/reopen$/)).size, 1);
});

deskTest("a reopening of unknown outcome is not offered again", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openClosed(visit, "Opened again, perhaps");
  await stack.simulator("ALIBABA", "faults", { operation: "ReopenTicket", times: 1, fault: "cut_before" });
  const open = button(page.getByRole("main"), visit, "ticket.reopen");
  const dialog = page.getByRole("dialog", { name: text("ticket.reopen_title") });
  await open.first().click();
  await dialog.getByLabel(text("ticket.reopen_why")).fill("Is it open?");
  await button(dialog, visit, "ticket.reopen").click();
  await gone(dialog);
  await counts(open, 0);
  await page.reload();
  await message(visit, "Is it open?").filter({ hasText: text("ticket.reply_unknown") }).waitFor();
  await counts(open, 0);
  // The vendor has none of it: then the text is there again.
  await page
    .getByRole("main")
    .getByText(text("ticket.reply_returned"))
    .waitFor({ timeout: 3 * A_MINUTE });
  await open.first().click();
  assert.equal(await dialog.getByLabel(text("ticket.reopen_why")).inputValue(), "Is it open?");
});

deskTest("a rating of unknown outcome is asked again with its key at Huawei Cloud", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await openClosed(visit, "Rated, perhaps", "HUAWEI");
  const unknown = { ticket_id: ticket.id, state: "unknown", time: 0 };
  await answerWrites(visit, /\/rating$/, [{ status: 202, body: unknown }]);
  await page.getByRole("button", { name: text("ticket.rate_support") }).click();
  const dialog = page.getByRole("dialog", { name: text("ticket.rate_title", { vendor: text("vendor.HUAWEI") }) });
  await dialog.getByRole("radio", { name: `5 · ${text("ticket.score_5")}` }).check();
  await dialog.getByRole("radio", { name: text("ticket.solved_yes"), exact: true }).check();
  await button(dialog, visit, "ticket.rate").click();
  await shows(dialog.getByText(text("ticket.rating_unknown")));
  await button(dialog, visit, "ticket.withdraw_again").click();
  await shows(page.getByText(text("ticket.rated_notice")));
  assert.equal(new Set(keysOf(visit, /\/rating$/)).size, 1);
  assert.equal((await stack.api("GET", `/tickets/${ticket.id}`)).rating.score, 5);
});

deskTest("a withdrawal is asked again with its key, also after its dialog was closed", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await addTicket(stack, accounts.HUAWEI, { name: "Withdrawn once", description: "text" });
  await stack.api("POST", `/tickets/${ticket.id}/messages`, { body: { content: "Said too much" }, key: "said-1" });
  await stack.until(
    () => stack.api("GET", `/tickets/${ticket.id}/messages?refresh=true`),
    ({ items }) => items.some((/** @type {any} */ one) => one.content === "Said too much" && one.message_id),
  );
  await openTicket(visit, ticket.id);
  const path = /\/messages\/[^/]+$/;
  await answerWrites(visit, path, ["reached", { status: 409, body: { code: "store_contention", status: 409 } }]);
  const dialog = page.getByRole("dialog", { name: text("ticket.withdraw_title") });
  const entry = message(visit, "Said too much");
  await button(entry, visit, "ticket.withdraw").click();
  await button(dialog, visit, "ticket.withdraw").click();
  await shows(dialog.getByText(text("ticket.repeat_is_safe")));
  await page.keyboard.press("Escape");
  await gone(dialog);
  // The page may have read meanwhile that the message is withdrawn: then nothing is left to ask.
  const withdraw = button(entry, visit, "ticket.withdraw");
  await shows(withdraw.or(entry.getByText(text("ticket.withdrawn"), { exact: true })));
  if (await withdraw.isVisible()) {
    await withdraw.click();
    await button(dialog, visit, "ticket.withdraw_again").click();
    await shows(dialog.getByText(text("ticket.repeat_is_safe")));
  }
  assert.equal(new Set(keysOf(visit, path)).size, 1);
});

// Answers of a vendor that are lost: explained as what they are, followed, and settled; never sent twice.

import assert from "node:assert/strict";

import { assertAccessible } from "../harness/axe.js";
import { deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { A_MINUTE, fillTicket, message, openTicket, sendReply } from "../harness/steps.js";

/** @type {any} */
let account;

const { deskTest } = deskTests({
  settleTimeMs: 1_000,
  fill: async (stack) => {
    account = await addAccount(stack, "ALIBABA");
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** The tickets at the vendor with this title. @param {Visit} visit @param {string} title */
async function atVendor({ stack }, title) {
  const { tickets } = await stack.simulator("ALIBABA", "tickets");
  return tickets.filter((/** @type {any} */ ticket) => ticket.title === title);
}

for (const language of /** @type {const} */ (["en", "zh"])) {
  deskTest(
    `a create whose answer the vendor does not give is followed until it is settled (${language})`,
    { language, path: "/new" },
    async (visit) => {
      const { page, stack, text } = visit;
      const name = `The answer is lost ${language}`;
      await fillTicket(visit, { name, description: "The vendor has it and says nothing." });
      await stack.simulator("ALIBABA", "faults", { operation: "CreateTicket", times: 1, fault: "accept_then_hang" });
      await page.getByRole("button", { name: text("new.submit") }).click();
      // The stack waits ten seconds for the vendor.
      const outcome = page.getByRole("region", { name: text("new.unknown.title") });
      await outcome.waitFor({ timeout: 40_000 });
      await shows(outcome.getByText(text("new.unknown.about")));
      await assertAccessible(page, "unknown outcome");
      await outcome.getByRole("button", { name: text("new.unknown.search") }).click();
      await page.waitForURL(/\/desk\/tickets\/[0-9A-Z]{26}$/, { timeout: A_MINUTE });
      await shows(page.getByRole("heading", { level: 1, name }));
      const found = await atVendor(visit, name);
      assert.equal(found.length, 1);
      await shows(page.getByText(found[0].id).first());
    },
  );
}

deskTest(
  "a create whose answer does not reach the page is repeated by itself, as the same request",
  { path: "/new" },
  async (visit) => {
    const { page, stack, text, requests } = visit;
    const name = "The page gets no answer";
    await fillTicket(visit, { name, description: "The stack has it." });
    let lost = 0;
    await page.route(`${stack.origin}/tickets`, async (/** @type {any} */ route) => {
      if (route.request().method() !== "POST" || lost++ > 0) return route.fallback();
      await route.fetch();
      return route.abort("connectionreset");
    });
    await page.getByRole("button", { name: text("new.submit") }).click();
    await shows(page.getByRole("heading", { name: text("new.lost.title") }));
    await page.waitForURL(/\/desk\/tickets\/[0-9A-Z]{26}$/);
    assert.equal((await atVendor(visit, name)).length, 1);
    const sent = requests.filter(({ method, url }) => method === "POST" && url.pathname === "/tickets" && !url.search);
    assert.ok(sent.length >= 2);
    assert.equal(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size, 1);
  },
);

deskTest("a reply whose answer is lost is shown as that, and settled by itself", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await addTicket(stack, account, { name: "A reply is lost", description: "text" });
  await openTicket(visit, ticket.id);
  await stack.simulator("ALIBABA", "faults", { operation: "ReplyTicket", times: 1, fault: "accept_then_hang" });
  await sendReply(visit, "Did this arrive?");
  const pending = message(visit, "Did this arrive?").filter({ hasText: text("ticket.reply_unknown") });
  await pending.waitFor({ timeout: 40_000 });
  await shows(pending.getByText(text("ticket.reply_meaning_unknown")));
  await assertAccessible(page, "unknown reply");
  await pending.waitFor({ state: "hidden", timeout: 2 * A_MINUTE });
  await shows(message(visit, "Did this arrive?"));
  const [kept] = await atVendor(visit, "A reply is lost");
  assert.equal(kept.messages.filter((/** @type {any} */ one) => one.content === "Did this arrive?").length, 1);
});

deskTest("a person decides about an indeterminate reply", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await addTicket(stack, account, { name: "A reply is changed", description: "text" });
  await openTicket(visit, ticket.id);
  // The vendor stores another text, so that nothing but a person can tell whether it is this reply.
  await stack.simulator("ALIBABA", "faults", [
    { operation: "ReplyTicket", times: 1, fault: "accept_then_hang" },
    { operation: "ReplyTicket", times: 1, fault: "rewrite", rewrite: "replace", text: "Masked by the vendor" },
  ]);
  await sendReply(visit, "My phone is 13800000000");
  const reply = message(visit, "My phone is 13800000000");
  await reply.filter({ hasText: text("ticket.reply_indeterminate") }).waitFor({ timeout: 3 * A_MINUTE });
  await shows(reply.getByText(text("ticket.reply_meaning_indeterminate")));
  await assertAccessible(page, "indeterminate reply");
  const decide = reply.getByRole("button", { name: text("ticket.decide") });
  assert.equal(await decide.isEnabled(), false);
  await reply.getByRole("radio", { name: /Masked by the vendor/ }).check();
  await decide.click();
  await shows(page.getByText(text("ticket.reply_found")));
  await gone(reply);
  await shows(message(visit, "Masked by the vendor"));
  const { pending_replies } = await stack.api("GET", `/tickets/${ticket.id}/messages`);
  assert.deepEqual(pending_replies ?? [], []);
});

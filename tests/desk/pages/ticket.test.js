// What is done on the page of one ticket, besides the story: by keys, with several files, and after the close.

import assert from "node:assert/strict";

import { assertAccessible } from "../harness/axe.js";
import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { A_MINUTE, message, openTicket, replyField } from "../harness/steps.js";

/** @type {Record<string, any>} */ const accounts = {};
/** @type {Record<string, any>} */ const tickets = {};

const { deskTest } = deskTests({
  fill: async (stack) => {
    for (const vendor of /** @type {const} */ (["ALIBABA", "HUAWEI"])) {
      accounts[vendor] = await addAccount(stack, vendor);
      tickets[vendor] = await addTicket(stack, accounts[vendor], {
        name: `A ticket at ${vendor}`,
        description: "text",
      });
      for (const content of ["First answer", "Second answer"]) {
        await stack.simulator(vendor, "reply", { ticket: tickets[vendor].cloud_id, content });
      }
      await stack.api("GET", `/tickets/${tickets[vendor].id}/messages?refresh=true`);
    }
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** @param {any} locator */
const isFocused = (locator) =>
  locator.evaluate((/** @type {Element} */ element) => element.contains(document.activeElement));

deskTest("the keys j, k, r, c and u do what the help says", { path: "/tickets?type=ALIBABA" }, async (visit) => {
  const { page, stack, text } = visit;
  await page.getByRole("link", { name: "A ticket at ALIBABA" }).click();
  await shows(message(visit, "Second answer"));
  await shows(replyField(visit));
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.ok(await isFocused(page.getByRole("region", { name: text("ticket.conversation") })));
  await page.keyboard.press("r");
  assert.ok(await isFocused(replyField(visit)));
  // In a field a key is a character.
  await page.keyboard.type("cu?");
  assert.equal(await replyField(visit).inputValue(), "cu?");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await replyField(visit).fill("");
  await replyField(visit).blur();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: text("ticket.close_title") });
  await shows(dialog);
  await page.keyboard.press("Escape");
  await gone(dialog);
  await page.keyboard.press("u");
  await page.waitForURL(`${stack.origin}/desk/tickets?type=ALIBABA`);
});

deskTest("files are dropped, pasted and chosen, and leave with one reply", { language: "zh" }, async (visit) => {
  const { page, stack, text } = visit;
  await openTicket(visit, tickets.ALIBABA.id);
  const form = page.getByRole("form", { name: text("ticket.reply") });
  await shows(form);
  await replyField(visit).evaluate((/** @type {HTMLElement} */ field) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(["dropped"], "拖放.txt", { type: "text/plain" }));
    field.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer: dropped }));
    field.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: dropped }));
  });
  const chosen = form.getByRole("list", { name: text("files.chosen") }).getByRole("listitem");
  await counts(chosen, 1);
  await replyField(visit).evaluate((/** @type {HTMLElement} */ field) => {
    const pasted = new DataTransfer();
    pasted.items.add(new File([Uint8Array.from([137, 80, 78, 71])], "image.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: pasted }));
  });
  await counts(chosen, 2);
  await form.locator("input[type=file]").setInputFiles([
    { name: "选择.log", mimeType: "text/plain", buffer: Buffer.from("chosen") },
    { name: "多余.txt", mimeType: "text/plain", buffer: Buffer.from("taken back") },
  ]);
  await counts(chosen, 4);
  await shows(chosen.filter({ hasText: /screenshot-\d/ }));
  await form.getByRole("button", { name: text("files.remove", { name: "多余.txt" }) }).click();
  await counts(chosen, 3);
  await assertAccessible(page, "chosen files");
  await replyField(visit).fill("三个文件");
  await replyField(visit).press("Control+Enter");
  await shows(message(visit, "三个文件"));
  await counts(chosen, 0);
  const [atVendor] = (await stack.simulator("ALIBABA", "tickets")).tickets.filter(
    (/** @type {any} */ one) => one.id === tickets.ALIBABA.cloud_id,
  );
  const sent = atVendor.messages.filter((/** @type {any} */ one) => one.content === "三个文件");
  assert.equal(sent.length, 1);
  const names = sent[0].files.map((/** @type {any} */ file) => file.name);
  assert.equal(names.length, 3);
  assert.ok(names.includes("拖放.txt") && names.includes("选择.log"), names.join(", "));
});

// Alibaba Cloud tells of the first answer alone, by the ticket's status.
deskTest(
  "a second answer appears without a reload, where the vendor tells nothing of it",
  { prepare: (context) => context.clock.install() },
  async (visit) => {
    const { page, stack, text } = visit;
    await openTicket(visit, tickets.ALIBABA.id);
    await shows(message(visit, "Second answer"));
    await stack.simulator("ALIBABA", "reply", { ticket: tickets.ALIBABA.cloud_id, content: "Third answer" });
    // A copy that is younger is not made again, whatever the page's clock says.
    await stack.until(
      () => stack.api("GET", `/tickets/${tickets.ALIBABA.id}/messages?limit=1`),
      ({ as_of }) => Date.now() - as_of > 10_000,
    );
    await page.clock.fastForward(A_MINUTE + 5_000);
    await shows(message(visit, "Third answer"));
    const announced = page.getByText(text("ticket.announce", { count: 1, who: "" }).trim(), { exact: false });
    await announced.waitFor({ state: "attached" });
  },
);

deskTest("support of Huawei Cloud is urged", {}, async (visit) => {
  const { page, stack, text } = visit;
  // The vendor takes it while its support is to answer.
  const ticket = await addTicket(stack, accounts.HUAWEI, { name: "Nobody has answered", description: "text" });
  await openTicket(visit, ticket.id);
  const done = page.getByText(text("ticket.urged_notice"));
  const stale = page.getByText(text("ticket.changed_meanwhile"));
  const urge = page.getByRole("button", { name: text("ticket.urge"), exact: true });
  await urge.click();
  await shows(done.or(stale));
  // The stack may have read the new ticket since the page did.
  if (await stale.isVisible()) await urge.click();
  await shows(done);
  await stack.until(
    () => stack.api("GET", `/tickets/${ticket.id}`),
    ({ urge_time }) => urge_time > 0,
  );
});

deskTest("a closed ticket is rated, and opened again with a message", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ticket = await addTicket(stack, accounts.ALIBABA, { name: "Closed too early", description: "text" });
  await stack.api("POST", `/tickets/${ticket.id}/close`);
  await stack.until(
    () => stack.api("GET", `/tickets/${ticket.id}`),
    ({ state }) => state === "closed",
  );
  await openTicket(visit, ticket.id);
  await page.getByRole("button", { name: text("ticket.rate_support") }).click();
  const rating = page.getByRole("dialog", { name: text("ticket.rate_title", { vendor: text("vendor.ALIBABA") }) });
  await rating.getByRole("radio", { name: `4 · ${text("ticket.score_4")}` }).check();
  await rating.getByRole("radio", { name: text("ticket.solved_no"), exact: true }).check();
  await rating.getByLabel(text("ticket.rate_comment")).fill("The problem is back");
  await assertAccessible(page, "rating");
  await rating.getByRole("button", { name: text("ticket.rate"), exact: true }).click();
  await shows(page.getByText(text("ticket.rated_notice")));
  assert.equal((await stack.api("GET", `/tickets/${ticket.id}`)).rating.score, 4);
  await page
    .getByRole("main")
    .getByRole("button", { name: text("ticket.reopen") })
    .first()
    .click();
  const again = page.getByRole("dialog", { name: text("ticket.reopen_title") });
  await again.getByLabel(text("ticket.reopen_why")).fill("It is back since noon");
  await again.getByRole("button", { name: text("ticket.reopen") }).click();
  await shows(page.getByText(text("ticket.reopened_notice")));
  await shows(replyField(visit));
  await shows(message(visit, "It is back since noon"));
});

deskTest("a file of support is downloaded under its name, and an image is shown", {}, async (visit) => {
  const { page, stack } = visit;
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const files = [
    { name: "步骤.txt", content: { text: "一、二、三" } },
    { name: "图.png", content: { base64: pixel } },
  ];
  await stack.simulator("ALIBABA", "reply", { ticket: tickets.ALIBABA.cloud_id, content: "Files of support", files });
  await stack.until(
    async () => {
      const { items } = await stack.api("GET", `/tickets/${tickets.ALIBABA.id}/messages?limit=100`);
      return items
        .flatMap((/** @type {any} */ one) => one.attachments ?? [])
        .filter((/** @type {any} */ one) => one.state === "stored");
    },
    (stored) => stored.some((/** @type {any} */ one) => one.name === "步骤.txt"),
  );
  await openTicket(visit, tickets.ALIBABA.id);
  const answer = message(visit, "Files of support");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    answer
      .getByRole("button", { name: /步骤\.txt/ })
      .first()
      .click(),
  ]);
  assert.equal(download.suggestedFilename(), "步骤.txt");
  const image = answer.getByRole("img", { name: /图\.png/ });
  await image.waitFor({ timeout: A_MINUTE });
  assert.equal(await image.evaluate((/** @type {HTMLImageElement} */ one) => one.naturalWidth), 1);
});

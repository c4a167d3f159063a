// One ticket from the registration of its account to the verified archive, in one visit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { assertAccessible } from "./axe.js";
import { deskTests, gone, shows } from "./desk.js";
import { A_MINUTE, fillTicket, message, replyField, sendReply, sendTicket } from "./steps.js";

/** @typedef {import("./desk.js").Visit} Visit */

/**
 * Each language has a file of its own, so that they wait for their stacks at the same time.
 * @param {"en" | "zh"} language
 */
export function storyTest(language) {
  const { deskTest } = deskTests();
  deskTest(`from the keys to the archive (${language})`, { language }, async (visit) => {
    await register(visit);
    await refresh(visit);
    const id = await create(visit);
    await talk(visit, id);
    await closeAndVerify(visit, id);
  });
}

/** Keys that the vendor refuses, and then its own. @param {Visit} visit */
async function register({ page, stack, text }) {
  const { secret_id, secret_key_secret, endpoint } = stack.keysOf("ALIBABA");
  await page.getByRole("link", { name: text("nav.accounts") }).click();
  await page.getByRole("button", { name: text("accounts.register") }).click();
  const dialog = page.getByRole("dialog", { name: text("accounts.register") });
  const [idField, secretField] = ["secret_id", "secret_key_secret"].map((name) =>
    dialog.getByLabel(text(`accounts.${name}.ALIBABA`)),
  );
  await dialog.getByLabel(text("accounts.endpoint")).fill(endpoint);
  await idField.fill(secret_id);
  await secretField.fill("not the secret");
  await dialog.getByRole("button", { name: text("accounts.register_now") }).click();
  await shows(dialog.getByRole("alert").filter({ hasText: "SignatureDoesNotMatch" }));
  await shows(dialog.getByText(text("accounts.keys_cleared")));
  assert.equal(await idField.inputValue(), "");
  assert.equal(await secretField.inputValue(), "");
  assert.equal(await dialog.getByLabel(text("accounts.endpoint")).inputValue(), endpoint);
  await assertAccessible(page, "refused keys");
  await idField.fill(secret_id);
  await secretField.fill(secret_key_secret);
  await dialog.getByRole("button", { name: text("accounts.register_now") }).click();
  const [account] = await stack.until(
    async () => (await stack.api("GET", "/accounts")).items,
    (items) => items.length === 1,
  );
  await page.waitForURL(`${stack.origin}/desk/accounts/${account.id}`);
  await shows(page.getByRole("heading", { level: 1, name: account.customer_id }));
  // The keys are nowhere in the page, its fields or the browser's storage.
  const kept = await page.evaluate(() => {
    const fields = [...document.querySelectorAll("input, textarea")];
    const values = fields.map((field) => /** @type {HTMLInputElement} */ (field).value);
    return document.documentElement.outerHTML + JSON.stringify([values, localStorage, sessionStorage]);
  });
  assert.ok(!kept.includes(secret_key_secret));
  assert.ok(!kept.includes(secret_id));
}

/** @param {Visit} visit */
async function refresh({ page, stack, text, requests }) {
  await page.getByRole("link", { name: text("nav.catalog") }).click();
  const all = page.getByRole("button", { name: text("catalog.refresh_all") });
  // The first account has started a refresh; the button is back when that has ended.
  await all.and(page.locator(":enabled")).waitFor({ timeout: A_MINUTE });
  await page.getByText(text("catalog.run.complete"), { exact: true }).waitFor({ timeout: A_MINUTE });
  const added = page.locator("dl.counts [data-name=added] dd");
  const [account] = (await stack.api("GET", "/accounts")).items;
  const { vendors } = await stack.api("GET", `/catalog/refreshes/${account.id}`);
  assert.ok(vendors[0].added > 0);
  assert.equal(await added.innerText(), vendors[0].added.toLocaleString("en"));
  await all.click();
  await shows(page.getByRole("button", { name: text("catalog.refreshing") }));
  await all.and(page.locator(":enabled")).waitFor({ timeout: A_MINUTE });
  assert.equal(
    requests.filter(({ method, url }) => method === "POST" && url.pathname === "/catalog/refresh").length,
    1,
  );
}

/** @param {Visit} visit */
async function create(visit) {
  const { page, stack, text, language } = visit;
  await page
    .getByRole("navigation")
    .getByRole("link", { name: text("nav.new") })
    .click();
  await shows(page.getByRole("heading", { level: 1, name: text("nav.new") }));
  const name = `云服务器无法远程连接 ${language}`;
  await fillTicket(visit, { name, description: "重启之后 SSH 一直超时 🙏" });
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles({ name: "ssh.txt", mimeType: "text/plain", buffer: Buffer.from("timeout") });
  await shows(page.getByText("ssh.txt"));
  const id = await sendTicket(visit);
  await shows(page.getByRole("heading", { level: 1, name }));
  const atVendor = (await stack.simulator("ALIBABA", "tickets")).tickets.filter(
    (/** @type {any} */ ticket) => ticket.title === name,
  );
  assert.equal(atVendor.length, 1);
  const files = [...atVendor[0].files, ...atVendor[0].messages.flatMap((/** @type {any} */ one) => one.files)];
  assert.ok(
    files.some((file) => file.name === "ssh.txt"),
    JSON.stringify(files),
  );
  assert.equal((await stack.api("GET", `/tickets/${id}`)).cloud_id, atVendor[0].id);
  return id;
}

/** Support answers, and we do. @param {Visit} visit @param {string} id */
async function talk(visit, id) {
  const { page, stack, text, requests } = visit;
  const { cloud_id } = await stack.api("GET", `/tickets/${id}`);
  const loads = requests.filter(({ url }) => url.pathname.startsWith("/desk/tickets")).length;
  const file = { name: "说明.txt", content: { text: "请按步骤检查" } };
  await stack.simulator("ALIBABA", "reply", {
    ticket: cloud_id,
    content: "您好，请提供实例 ID。",
    replier_name: "工程师 李",
    files: [file],
  });
  // The stack reads the conversation once a minute; the page is not loaded again.
  const answer = message(visit, "请提供实例 ID");
  await answer.waitFor({ timeout: A_MINUTE });
  assert.equal(requests.filter(({ url }) => url.pathname.startsWith("/desk/tickets")).length, loads);
  await shows(answer.getByText("工程师 李"));
  await shows(answer.getByText("说明.txt"));
  await shows(page.getByRole("status").filter({ hasText: text("ticket.announce", { count: 1, who: "工程师 李" }) }));
  await page.keyboard.press("r");
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles({ name: "实例.txt", mimeType: "text/plain", buffer: Buffer.from("i-123") });
  await sendReply(visit, "实例是 i-123 👍");
  await message(visit, "实例是 i-123 👍").waitFor();
  await shows(page.getByText(text("ticket.reply_sent_notice")));
  assert.equal(await replyField(visit).inputValue(), "");
  const [ticket] = (await stack.simulator("ALIBABA", "tickets")).tickets.filter(
    (/** @type {any} */ one) => one.id === cloud_id,
  );
  assert.equal(ticket.messages.filter((/** @type {any} */ one) => one.content === "实例是 i-123 👍").length, 1);
}

/** @param {Visit} visit @param {string} id */
async function closeAndVerify(visit, id) {
  const { page, stack, text } = visit;
  await page.getByRole("button", { name: text("ticket.close") }).click();
  const dialog = page.getByRole("dialog", { name: text("ticket.close_title") });
  await shows(dialog.getByText(text("ticket.close_means_archive")));
  await assertAccessible(page, "close");
  await dialog.getByRole("button", { name: text("ticket.close"), exact: true }).click();
  await gone(dialog);
  // Files are copied first, which takes a minute.
  const archive = page.getByRole("region", { name: text("ticket.archive") });
  await archive.waitFor({ timeout: 2 * A_MINUTE });
  await archive.getByRole("button", { name: text("ticket.verify") }).click();
  await shows(archive.getByText(text("ticket.verified")));
  const { digest } = await stack.api("GET", `/tickets/${id}`);
  await shows(archive.getByText(digest));
  assert.equal(await replyField(visit).count(), 0);
  // The transcript is written some seconds after the close.
  const headers = { authorization: `Bearer ${stack.key}` };
  await stack.until(
    async () => (await fetch(`${stack.origin}/tickets/${id}/transcript?format=text`, { headers })).status,
    (status) => status === 200,
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    archive
      .getByRole("group", { name: text("ticket.transcript") })
      .getByRole("button", { name: text("ticket.transcript_text") })
      .click(),
  ]);
  const transcript = readFileSync(await download.path(), "utf8");
  for (const words of ["云服务器无法远程连接", "请提供实例 ID", "实例是 i-123 👍"])
    assert.ok(transcript.includes(words), transcript);
}

// Accounts, the audit and the numbers: what their pages do with answers that are lost, late or many.

import assert from "node:assert/strict";

import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { textReader } from "../harness/web.js";

/** @type {any} */ let account;

const { deskTest } = deskTests({
  fill: async (stack) => {
    account = await addAccount(stack, "ALIBABA");
    for (const name of ["One", "Two", "Three"]) await addTicket(stack, account, { name, description: "text" });
  },
});

deskTest("a lost answer of the adoption does not ask to press the button that undoes it", {}, async (visit) => {
  const { page, stack, text } = visit;
  await page.goto(`${stack.origin}/desk/accounts/${account.id}`);
  const panel = page.getByRole("region", { name: text("accounts.adoption") });
  await page.route(`${stack.origin}/accounts/${account.id}`, (/** @type {any} */ route) =>
    route.request().method() === "PATCH" ? route.abort("connectionreset") : route.fallback(),
  );
  const start = panel.getByRole("button", { name: text("accounts.adopt_start") });
  await start.click();
  await shows(panel.getByText(text("accounts.lost")));
  assert.equal(await panel.getByText(text("accounts.repeat")).count(), 0);
});

deskTest("what the answer would have told is seen, and the failure is gone", {}, async (visit) => {
  const { page, stack, text } = visit;
  await stack.api("PATCH", `/accounts/${account.id}`, { body: { adopt_console_tickets: false } });
  await page.goto(`${stack.origin}/desk/accounts/${account.id}`);
  const panel = page.getByRole("region", { name: text("accounts.adoption") });
  await page.route(`${stack.origin}/accounts/${account.id}`, async (/** @type {any} */ route) => {
    if (route.request().method() !== "PATCH") return route.fallback();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await panel.getByRole("button", { name: text("accounts.adopt_start") }).click();
  await shows(panel.getByRole("button", { name: text("accounts.adopt_stop") }));
  await gone(panel.getByRole("alert"));
});

deskTest("new keys are in the page only until they are sent", {}, async (visit) => {
  const { page, stack, text } = visit;
  const { secret_id, secret_key_secret } = stack.keysOf("ALIBABA");
  await page.goto(`${stack.origin}/desk/accounts/${account.id}`);
  await page.getByRole("button", { name: `${text("accounts.rotate")}…` }).click();
  const dialog = page.getByRole("dialog", { name: text("accounts.rotate") });
  const id = dialog.getByLabel(text("accounts.secret_id.ALIBABA"));
  const secret = dialog.getByLabel(text("accounts.secret_key_secret.ALIBABA"));
  await id.fill(secret_id);
  await secret.fill("not the secret");
  await dialog.getByRole("button", { name: text("accounts.rotate_now") }).click();
  await shows(dialog.getByRole("alert").filter({ hasText: "SignatureDoesNotMatch" }));
  assert.deepEqual([await id.inputValue(), await secret.inputValue()], ["", ""]);
  await id.fill(secret_id);
  await secret.fill(secret_key_secret);
  await dialog.getByRole("button", { name: text("accounts.rotate_now") }).click();
  await shows(page.getByText(text("accounts.rotated")));
  await gone(dialog);
  const kept = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...localStorage }));
  assert.ok(!kept.includes(secret_key_secret) && !kept.includes(secret_id));
});

deskTest("what is typed into a filter of the audit outlives a rendering", { path: "/audit" }, async (visit) => {
  const { page, text } = visit;
  await shows(page.getByRole("table").getByRole("row").nth(1));
  const actor = page.getByRole("textbox", { name: text("audit.filter.actor") });
  await actor.pressSequentially("nobody");
  await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
  assert.equal(await actor.inputValue(), "nobody");
  await actor.press("Enter");
  await page.waitForURL(/actor=nobody/);
  await shows(page.getByText(text("audit.none")));
});

deskTest("an audit without a record so far says that the search goes on", { path: "/nowhere" }, async (visit) => {
  const { page, stack, text } = visit;
  let asked = 0;
  await page.route(`${stack.origin}/audit?*`, (/** @type {any} */ route) => {
    asked++;
    return route.fulfill({ json: { items: [], next_cursor: `c${asked}` } });
  });
  await page.goto(`${stack.origin}/desk/audit`);
  await shows(page.getByText(text("list.none_so_far")));
  assert.equal(await page.getByText(text("audit.none")).count(), 0);
  const before = asked;
  await page.getByRole("button", { name: text("audit.older") }).click();
  await stack.until(async () => asked, (count) => count > before);
});

deskTest("a number of the page is that of the API", { path: "/nowhere" }, async (visit) => {
  const { page, stack, text } = visit;
  const today = new Date().toISOString().slice(0, 10);
  const statistics = await stack.until(
    () => stack.api("GET", `/statistics?from=${today}&to=${today}`),
    (answer) => JSON.stringify(answer).includes('"opened":3'),
  );
  assert.ok(statistics);
  await page.goto(`${stack.origin}/desk/numbers`);
  const volumes = page.getByRole("region", { name: text("numbers.volumes"), exact: true });
  await shows(volumes.locator("canvas"));
  const row = volumes.locator("tbody tr").filter({ hasText: "3" });
  await row.first().waitFor({ state: "attached" });
  assert.equal(await row.first().locator("td").first().textContent(), "3");
});

deskTest("a chart whose library could not be loaded is drawn when it can be", { path: "/nowhere" }, async (visit) => {
  const { page, stack, text } = visit;
  let isLost = true;
  await page.route(/uplot\.css/, (/** @type {any} */ route) => (isLost ? route.abort() : route.fallback()));
  await page.goto(`${stack.origin}/desk/numbers`);
  await shows(page.getByText(text("numbers.no_chart")));
  isLost = false;
  // Each chart is drawn anew in another language.
  await page.getByRole("button", { name: "中文" }).click();
  const chinese = await textReader("zh");
  await shows(page.getByRole("region", { name: chinese("numbers.volumes"), exact: true }).locator("canvas"));
  await counts(page.getByText(chinese("numbers.no_chart")), 0);
});

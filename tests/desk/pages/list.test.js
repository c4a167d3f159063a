// The list of tickets: filters in the address, keys, news without a reload.

import assert from "node:assert/strict";

import { assertAccessible, assertNoSidewaysScroll } from "../harness/axe.js";
import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";

/** @type {any[]} */
const tickets = [];
/** @type {Record<string, any>} */
const accounts = {};

const { deskTest } = deskTests({
  fill: async (stack) => {
    accounts.ALIBABA = await addAccount(stack, "ALIBABA");
    accounts.HUAWEI = await addAccount(stack, "HUAWEI");
    for (const [vendor, name] of [
      ["ALIBABA", "云服务器无法远程连接"],
      ["HUAWEI", "OBS upload returns 403"],
      ["ALIBABA", "RDS replica lags behind"],
    ]) {
      tickets.push(await addTicket(stack, accounts[vendor], { name, description: "see the title" }));
    }
  },
});

/** @param {import("../harness/desk.js").Visit} visit */
const list = ({ page, text }) => page.getByRole("list", { name: text("nav.tickets") });
/** @param {import("../harness/desk.js").Visit} visit */
const rows = (visit) => list(visit).getByRole("link");
/** @param {import("../harness/desk.js").Visit} visit @param {string} name of the filter */
const choice = ({ page, text }, name) => page.getByRole("combobox", { name: text(`filter.${name}`), exact: true });
/** @param {import("../harness/desk.js").Visit} visit @param {string} name */
const row = (visit, name) => list(visit).getByRole("link", { name });

for (const language of /** @type {const} */ (["en", "zh"])) {
  deskTest(`the newest ticket stands first (${language})`, { language }, async (visit) => {
    const { page, text } = visit;
    await counts(rows(visit), 3);
    const titles = await rows(visit).allInnerTexts();
    assert.ok(titles[0].includes("RDS replica lags behind"), titles[0]);
    assert.ok(titles[2].includes("云服务器无法远程连接"), titles[2]);
    assert.ok(titles[1].includes(text("vendor.HUAWEI")) && titles[1].includes(tickets[1].cloud_id), titles[1]);
    await shows(page.getByText(text("tickets.count", { count: 3, shown: 3 })));
    assert.equal(await page.locator("html").getAttribute("lang"), language === "zh" ? "zh-CN" : "en");
    await assertAccessible(page, "list");
  });
}

deskTest("a filter stands in the address, and the address sets the filter", {}, async (visit) => {
  const { page, stack, text } = visit;
  await counts(rows(visit), 3);
  await choice(visit, "type").selectOption({ label: text("vendor.HUAWEI") });
  await counts(rows(visit), 1);
  assert.equal(new URL(page.url()).search, "?type=HUAWEI");
  await page.goto(`${stack.origin}/desk/tickets?type=ALIBABA&q=rds`);
  await counts(rows(visit), 1);
  assert.equal(await choice(visit, "type").inputValue(), "ALIBABA");
  assert.equal(await page.getByLabel(text("filter.q")).inputValue(), "rds");
  await page.getByRole("button", { name: text("filter.clear") }).click();
  await counts(rows(visit), 3);
  assert.equal(new URL(page.url()).search, "");
});

deskTest("every filter narrows the list", {}, async (visit) => {
  const { page, text } = visit;
  await counts(rows(visit), 3);
  const choose = async (/** @type {string} */ name, /** @type {string} */ value, /** @type {number} */ count) => {
    await choice(visit, name).selectOption(value);
    await counts(rows(visit), count);
    if (count === 0) await shows(page.getByText(text("tickets.none")));
    await page.getByRole("button", { name: text("filter.clear") }).click();
    await counts(rows(visit), 3);
  };
  await choose("type", "TENCENT", 0);
  await choose("custom_id", accounts.HUAWEI.id, 1);
  await choose("state", "open", 3);
  await choose("state", "closed", 0);
  await choose("awaiting", "customer", 0);
  await choose("age", "hour", 3);
});

deskTest("the keys j, k, Enter, / and ? do what the help says", {}, async (visit) => {
  const { page, stack, text } = visit;
  await counts(rows(visit), 3);
  const isSelected = (/** @type {string} */ name) => row(visit, name).and(page.locator("[data-selected]")).waitFor();
  await page.keyboard.press("j");
  await isSelected("RDS replica");
  await page.keyboard.press("j");
  await isSelected("OBS upload");
  await page.keyboard.press("k");
  await isSelected("RDS replica");
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: text("help.title") });
  await shows(dialog);
  await assertAccessible(page, "help");
  // A key of the list does nothing while the dialog is open.
  await page.keyboard.press("j");
  await page.keyboard.press("Escape");
  await gone(dialog);
  await isSelected("RDS replica");
  await page.keyboard.press("/");
  assert.ok(
    await page
      .getByLabel(text("filter.q"))
      .evaluate((/** @type {Element} */ field) => field === document.activeElement),
  );
  await page.keyboard.type("jk?");
  assert.equal(await page.getByLabel(text("filter.q")).inputValue(), "jk?");
  await page.getByLabel(text("filter.q")).fill("");
  await page.getByLabel(text("filter.q")).blur();
  await counts(rows(visit), 3);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${stack.origin}/desk/tickets/${tickets[2].id}`);
});

for (const [key, action] of [
  ["r", "reply"],
  ["c", "close"],
]) {
  deskTest(`the key ${key} opens the ticket to ${action}`, {}, async (visit) => {
    const { page, stack } = visit;
    await counts(rows(visit), 3);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press(key);
    await page.waitForURL((/** @type {URL} */ url) =>
      url.href.startsWith(`${stack.origin}/desk/tickets/${tickets[1].id}`),
    );
  });
}

deskTest("everything is reached by Tab, and the focus is seen", {}, async (visit) => {
  const { page, text } = visit;
  await counts(rows(visit), 3);
  await page.keyboard.press("Tab");
  const focused = page.locator(":focus");
  assert.equal(await focused.innerText(), text("nav.skip"));
  const seen = new Set();
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    if ((await focused.count()) === 0) break;
    const { name, outline } = await focused.evaluate((/** @type {HTMLElement} */ element) => ({
      name:
        element.getAttribute("aria-label") ??
        (element.closest("label")?.textContent?.trim() || element.innerText?.trim()),
      outline: getComputedStyle(element).outlineStyle !== "none" || getComputedStyle(element).boxShadow !== "none",
    }));
    assert.ok(outline, `the focus of ${name} is not seen`);
    seen.add(name.replace(/\s+/g, " "));
  }
  for (const name of [text("nav.numbers"), text("help.title"), text("session.sign_out"), "OBS upload returns 403"]) {
    assert.ok(
      [...seen].some((one) => one.includes(name)),
      `${name} is not among ${[...seen].join(", ")}`,
    );
  }
});

deskTest("language and theme are chosen at once, and stay", {}, async (visit) => {
  const { page } = visit;
  await counts(rows(visit), 3);
  await page.getByRole("button", { name: "中文" }).click();
  await shows(page.getByRole("heading", { level: 1, name: "工单" }));
  const theme = page.getByLabel("配色");
  const colour = () => page.evaluate(() => getComputedStyle(document.body).color);
  const light = await colour();
  await theme.selectOption("dark");
  assert.notEqual(await colour(), light);
  await assertAccessible(page, "dark list");
  await page.reload();
  await shows(page.getByRole("heading", { level: 1, name: "工单" }));
  assert.equal(await page.getByLabel("配色").inputValue(), "dark");
  await page.getByRole("button", { name: "English" }).click();
  await shows(page.getByRole("heading", { level: 1, name: "Tickets" }));
});

deskTest(
  "on a phone nothing scrolls sideways",
  { viewport: { width: 360, height: 740 }, language: "zh" },
  async (visit) => {
    await counts(rows(visit), 3);
    await assertNoSidewaysScroll(visit.page, "list");
    await assertAccessible(visit.page, "narrow list");
  },
);

deskTest("a new ticket and a new answer appear by themselves", {}, async (visit) => {
  const { page, stack, text } = visit;
  await counts(rows(visit), 3);
  const added = await addTicket(stack, accounts.ALIBABA, { name: "Appears by itself", description: "later" });
  await shows(row(visit, "Appears by itself"));
  await stack.simulator("ALIBABA", "reply", { ticket: added.cloud_id, content: "您好，正在排查" });
  // The stack copies the conversation within a minute.
  await stack.until(
    () => stack.api("GET", `/tickets/${added.id}`),
    (ticket) => ticket.last_support_time !== undefined,
  );
  await shows(row(visit, "Appears by itself").filter({ hasText: text("tickets.new_answer") }));
  await shows(page.getByRole("status").filter({ hasText: text("tickets.unread", { count: 1, shown: 1 }) }));
  await page.waitForFunction(() => document.title.startsWith("(1) "));
});

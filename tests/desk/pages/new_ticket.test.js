// The form of a new ticket: its drafts, its search, and what the vendors' forms ask.

import assert from "node:assert/strict";

import { counts, deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket, ticketBody } from "../harness/fill.js";
import { fillTicket, search, sendTicket } from "../harness/steps.js";

/** @type {Record<string, any>} */ const accounts = {};
/** @type {any} */ let huawei;

const { deskTest } = deskTests({
  fill: async (stack) => {
    accounts.ALIBABA = await addAccount(stack, "ALIBABA");
    accounts.HUAWEI = await addAccount(stack, "HUAWEI");
    huawei = await ticketBody(stack, accounts.HUAWEI);
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** Opens the form for an account. @param {Visit} visit @param {string} vendor @param {Record<string, string>} [more] */
async function openForm({ page, stack, text }, vendor, more = {}) {
  await page.goto(`${stack.origin}/desk/new?${new URLSearchParams({ custom_id: accounts[vendor].id, ...more })}`);
  await shows(page.getByLabel(text("new.name")));
}

/** The drafts that are stored, by their titles. @param {Visit} visit @returns {Promise<Record<string, any>>} */
async function storedDrafts({ page }) {
  const drafts = await page.evaluate(() =>
    Object.entries({ ...localStorage })
      .filter(([name]) => name.startsWith("polydesk.draft."))
      .map(([, value]) => JSON.parse(value)),
  );
  return Object.fromEntries(drafts.map((/** @type {any} */ draft) => [draft.values.name, draft]));
}

/** Waits until a draft with this title is stored. @param {Visit} visit @param {string} title */
const isStored = ({ page }, title) =>
  page.waitForFunction(
    (/** @type {string} */ title) =>
      Object.entries({ ...localStorage }).some(
        ([name, value]) => name.startsWith("polydesk.draft.") && JSON.parse(value).values.name === title,
      ),
    title,
  );

/** Goes to another address of the page as the browser's Back does. @param {Visit} visit @param {string} path */
const goBackTo = ({ page }, path) =>
  page.evaluate((/** @type {string} */ path) => {
    history.pushState(null, "", `/desk${path}`);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);

/**
 * Holds the next answer of a create until it is released with one.
 * @param {Visit} visit
 * @returns {Promise<{ sent: Promise<unknown>, answer: (response: any) => void }>}
 */
async function holdCreate({ page, stack }) {
  /** @type {(value: unknown) => void} */ let isSent;
  /** @type {(response: any) => void} */ let answer;
  const sent = new Promise((resolve) => (isSent = resolve));
  const response = new Promise((resolve) => (answer = resolve));
  await page.route(`${stack.origin}/tickets`, async (/** @type {any} */ route) => {
    if (route.request().method() !== "POST") return route.fallback();
    isSent(null);
    return route.fulfill(await response);
  });
  return { sent, answer };
}

const TICKET_ID = "01J00000000000000000000000";
const json = (/** @type {number} */ status, /** @type {any} */ body) => ({
  status,
  contentType: status < 400 ? "application/json" : "application/problem+json",
  body: JSON.stringify(body),
});

for (const { status, body, isKept } of [
  { status: 202, body: { id: TICKET_ID, state: "unknown" }, isKept: true },
  { status: 201, body: { id: TICKET_ID, state: "open", cloud_id: "C1" }, isKept: false },
  { status: 400, body: { code: "invalid_input", detail: "no", errors: [] }, isKept: true },
]) {
  deskTest(`an answer with ${status} for one draft leaves the draft that is open as it is`, {}, async (visit) => {
    const { page, text } = visit;
    await openForm(visit, "ALIBABA");
    await fillTicket(visit, { name: "First", description: "is sent" });
    const held = await holdCreate(visit);
    await page.getByRole("button", { name: text("new.submit") }).click();
    await held.sent;
    await goBackTo(visit, "/new?name=Second");
    await page.waitForFunction(
      (/** @type {string} */ title) =>
        [...document.querySelectorAll("input")].some((input) => /** @type {any} */ (input).value === title),
      "Second",
    );
    await page.getByLabel(text("new.description")).fill("is written meanwhile");
    await isStored(visit, "Second");
    const before = (await storedDrafts(visit)).First;
    const answered = page.waitForResponse((/** @type {any} */ one) => one.request().method() === "POST");
    held.answer(json(status, body));
    await answered;
    if (status === 201) await shows(page.getByText(text("new.created", { cloud_id: "C1" })));
    if (status === 202)
      await page.waitForFunction((/** @type {string} */ id) => JSON.stringify(localStorage).includes(id), TICKET_ID);
    if (status === 400)
      await page.waitForFunction(
        (/** @type {string} */ id) => JSON.parse(localStorage[`polydesk.draft.${id}`]).sent === null,
        before.id,
      );
    const { First, Second } = await storedDrafts(visit);
    assert.equal(Second.sent, null);
    assert.equal(Second.values.description, "is written meanwhile");
    assert.equal(First !== undefined, isKept);
    if (status === 202) assert.equal(First.sent.ticket_id, TICKET_ID);
    assert.equal(await page.getByLabel(text("new.description")).isEditable(), true);
  });
}

deskTest("no other draft is opened while one is being sent", {}, async (visit) => {
  const { page, text } = visit;
  await openForm(visit, "ALIBABA");
  await page.getByLabel(text("new.name")).fill("Aside");
  await isStored(visit, "Aside");
  await page.reload();
  await page.getByRole("button", { name: text("new.draft.another") }).click();
  await page.getByText(text("new.drafts", { count: 1 })).click();
  const goOn = page.getByRole("button", { name: text("new.draft.open") });
  assert.equal(await goOn.isEnabled(), true);
  await page.getByRole("combobox", { name: text("new.account") }).selectOption(accounts.ALIBABA.id);
  await fillTicket(visit, { name: "Being sent", description: "text" });
  const held = await holdCreate(visit);
  await page.getByRole("button", { name: text("new.submit") }).click();
  await held.sent;
  await goOn.and(page.locator(":disabled")).waitFor();
  held.answer(json(400, { code: "invalid_input", detail: "no", errors: [] }));
  await goOn.and(page.locator(":enabled")).waitFor();
});

deskTest("what one vendor's form asks is not sent to another vendor", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openForm(visit, "ALIBABA");
  await fillTicket(visit, { name: "The vendor is changed", description: "text" });
  await page.getByRole("combobox", { name: text("new.severity"), exact: true }).selectOption("urgent");
  await page.getByRole("combobox", { name: text("new.account") }).selectOption(accounts.HUAWEI.id);
  const { name } = (await stack.api("GET", "/catalog/products?type=HUAWEI&limit=1")).items[0];
  await search(visit, text("new.product"), name, name);
  const types = await stack.api("GET", `/catalog/product-types?type=HUAWEI&product_id=${huawei.product_id}&limit=50`);
  const type = types.items.find((/** @type {any} */ one) => one.case_kind === "consulting");
  await search(visit, text("new.problem_type"), type.name, type.name);
  const id = await sendTicket(visit);
  assert.equal((await stack.api("GET", `/tickets/${id}`)).custom_id, accounts.HUAWEI.id);
});

deskTest("a severity of an address that the vendor has not is ignored", {}, async (visit) => {
  const { page, stack, text } = visit;
  const types = await stack.api("GET", `/catalog/product-types?type=HUAWEI&product_id=${huawei.product_id}&limit=50`);
  const type = types.items.find((/** @type {any} */ one) => one.case_kind === "consulting");
  const kind = { product_id: huawei.product_id, product_business_id: type.id, severity: "urgent" };
  await openForm(visit, "HUAWEI", kind);
  await page.getByLabel(text("new.name")).fill("No severity");
  await page.getByLabel(text("new.description")).fill("text");
  await shows(page.getByRole("heading", { name: text("new.section.contact") }));
  await sendTicket(visit);
});

deskTest("Enter chooses no option of the search before", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openForm(visit, "ALIBABA");
  const field = page.getByRole("combobox", { name: text("new.product") });
  await field.fill("yfwq");
  await shows(page.getByRole("option", { name: /云服务器 ECS/ }));
  /** @type {() => void} */ let release;
  const released = new Promise((resolve) => (release = () => resolve(null)));
  await page.route(`${stack.origin}/catalog/products?*`, async (/** @type {any} */ route) => {
    await released;
    return route.fallback();
  });
  await field.fill("对象存储");
  await field.press("Enter");
  assert.equal(await field.inputValue(), "对象存储");
  release();
  await counts(page.getByRole("option", { name: /云服务器 ECS/ }), 0);
  await shows(page.getByRole("option", { name: /对象存储/ }));
  await field.press("Enter");
  assert.match(await field.inputValue(), /^对象存储/);
  await gone(page.getByRole("listbox"));
});

deskTest("a lost answer is asked for again as long as the page is open", {}, async (visit) => {
  const { page, stack, text } = visit;
  await openForm(visit, "ALIBABA");
  await fillTicket(visit, { name: "Lost for long", description: "text" });
  let attempts = 0;
  await page.route(`${stack.origin}/tickets`, async (/** @type {any} */ route) => {
    if (route.request().method() !== "POST") return route.fallback();
    attempts++;
    return attempts <= 14 ? route.fulfill(json(503, { message: "Service Unavailable" })) : route.fallback();
  });
  await page.clock.install();
  await page.getByRole("button", { name: text("new.submit") }).click();
  const now = page.getByRole("button", { name: text("new.lost.now") }).and(page.locator(":enabled"));
  for (let attempt = 1; attempt <= 14; attempt++) {
    await now.waitFor();
    await stack.until(async () => attempts, (count) => count === attempt);
    await page.clock.fastForward(61_000);
  }
  await page.waitForURL(/\/desk\/tickets\/[0-9A-Z]{26}$/);
  assert.equal(attempts, 15);
  const { tickets } = await stack.simulator("ALIBABA", "tickets");
  assert.equal(tickets.filter((/** @type {any} */ ticket) => ticket.title === "Lost for long").length, 1);
});

deskTest("products are found by Chinese, English and pinyin", {}, async (visit) => {
  const { page, text } = visit;
  await openForm(visit, "ALIBABA");
  const field = page.getByRole("combobox", { name: text("new.product") });
  for (const words of ["云服务器", "Elastic Compute", "yunfuwuqi", "yfwq"]) {
    await field.fill(words);
    await shows(page.getByRole("option", { name: /云服务器 ECS/ }));
    await field.press("Escape");
  }
});

deskTest("an open ticket with a similar title is shown, once", {}, async (visit) => {
  const { page, stack, text } = visit;
  const name = "Balancer drops connections";
  const ticket = await addTicket(stack, accounts.ALIBABA, { name, description: "text" });
  await openForm(visit, "ALIBABA");
  const title = page.getByLabel(text("new.name"));
  const similar = page.getByRole("link", { name });
  await title.fill("The balancer drops connections");
  await shows(similar);
  assert.match(await similar.getAttribute("href"), new RegExp(`/tickets/${ticket.id}$`));
  await title.fill("");
  await gone(similar);
  const read = page.waitForResponse((/** @type {any} */ one) => /\/tickets\?.*status=1/.test(one.url()));
  await title.fill("The balancer drops connections");
  await read;
  await shows(page.getByText(text("new.similar.title", { count: 1 })));
  await counts(similar, 1);
});

deskTest("a secret is sent, and stored nowhere in the browser", {}, async (visit) => {
  const { page, stack, text, requests } = visit;
  await openForm(visit, "ALIBABA");
  await fillTicket(visit, { name: "With a secret", description: "text" });
  await page.getByLabel(text("new.secret_info")).fill("Hunter2-Hunter2");
  await isStored(visit, "With a secret");
  const held = await holdCreate(visit);
  await page.getByRole("button", { name: text("new.submit") }).click();
  await held.sent;
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(kept.includes("With a secret"));
  assert.ok(!kept.includes("Hunter2"));
  const { sent } = (await storedDrafts(visit))["With a secret"];
  assert.deepEqual(sent.withheld, ["secret_info"]);
  const [create] = requests.filter(
    ({ method, url }) => method === "POST" && url.href === `${stack.origin}/tickets`,
  );
  assert.equal(JSON.parse(create.body).secret_info, "Hunter2-Hunter2");
  held.answer(json(400, { code: "invalid_input", detail: "no", errors: [] }));
  await page.getByRole("button", { name: text("new.submit") }).and(page.locator(":enabled")).waitFor();
});

deskTest("two tabs never have the same draft", {}, async (visit) => {
  const { page, context, stack, text } = visit;
  await openForm(visit, "ALIBABA");
  await page.getByLabel(text("new.name")).fill("Of the first tab");
  await isStored(visit, "Of the first tab");
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByLabel(text("session.key")).or(other.getByLabel(text("new.name"))).waitFor();
  if (await other.getByLabel(text("session.key")).isVisible()) {
    await other.goto(`${page.url()}#access_key=${stack.key}`);
    await other.reload();
  }
  const title = other.getByLabel(text("new.name"));
  assert.equal(await title.inputValue(), "");
  await title.fill("Of the second tab");
  // What another tab stored is seen a moment later.
  await isStored(visit, "Of the second tab");
  assert.deepEqual(Object.keys(await storedDrafts(visit)).sort(), ["Of the first tab", "Of the second tab"]);
  assert.equal(await page.getByLabel(text("new.name")).inputValue(), "Of the first tab");
});

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

/**
 * Changes what lists of tickets answer.
 * @param {(page: { items: any[], next_cursor?: string }, query: URLSearchParams) => void} change
 */
const withAnswers = (change) => async (/** @type {any} */ context, /** @type {any} */ stack) => {
  const isList = (/** @type {URL} */ url) => url.origin === stack.origin && url.pathname === "/tickets";
  await context.route(isList, async (/** @type {any} */ route) => {
    const url = new URL(route.request().url());
    const query = new URLSearchParams(url.search);
    // The API does not know the cursors of tests.
    url.searchParams.delete("cursor");
    const response = await route.fetch({ url: url.href });
    const json = await response.json();
    change(json, query);
    await route.fulfill({ response, json });
  });
};

deskTest(
  "all pages of what has changed are read",
  {
    prepare: withAnswers((page, query) => {
      if (!query.has("updated_since")) return;
      const changed = { ...tickets[0], name: "Changed, and on the second page", update_time: Date.now() };
      if (query.has("cursor")) page.items = [changed];
      else Object.assign(page, { items: [], next_cursor: "second" });
    }),
  },
  async (visit) => shows(row(visit, "Changed, and on the second page")),
);

deskTest("what has changed is found by the clock of the server", {}, async (visit) => {
  const { page, stack, requests } = visit;
  const ahead = 20 * 60_000;
  await page.clock.setSystemTime(Date.now() + ahead);
  requests.length = 0;
  await page.reload();
  await shows(row(visit, tickets[0].name));
  await addTicket(stack, accounts.ALIBABA, { name: "By a clock that is ahead", description: "text" });
  await shows(row(visit, "By a clock that is ahead"));
  // Each time from a later time on, and some of it twice.
  const asked = () =>
    requests.map(({ url }) => url.searchParams).filter((query) => query.has("updated_since") && query.has("status"));
  const times = async () => asked().map((query) => Number(query.get("updated_since")));
  const [earliest, latest] = await stack.until(
    async () => [Math.min(...(await times())), Math.max(...(await times()))],
    ([from, to]) => to > from,
  );
  assert.ok(latest < Date.now() - 50_000, `${earliest} ${latest} ${Date.now()}`);
});

deskTest(
  "a ticket of which the vendor has nothing leaves the list",
  {
    prepare: withAnswers((page, query) => {
      const vanished = { ...tickets[0], id: "01M851AKCVJQN10F92BVXS9WVZ", name: "Never arrived", state: "unknown" };
      if (!query.has("updated_since")) page.items.push(vanished);
    }),
  },
  async (visit) => {
    const { page } = visit;
    await shows(row(visit, tickets[1].name));
    const asked = page.waitForResponse("**/tickets/01M851AKCVJQN10F92BVXS9WVZ");
    await page.reload();
    assert.equal((await asked).status(), 404);
    await shows(row(visit, tickets[1].name));
    await gone(row(visit, "Never arrived"));
  },
);

deskTest(
  "words find a vendor's id of letters; what came before this browser was used is read, and what is erased",
  {
    prepare: withAnswers((page) => {
      for (const item of page.items) {
        if (item.id === tickets[0].id) item.cloud_id = "0Ab7Cd";
        if (item.id === tickets[1].id) Object.assign(item, { name: "", erased: {}, last_support_time: 4e12 });
        if (item.id === tickets[2].id) item.last_support_time = Date.now() - 3_600_000;
      }
    }),
  },
  async (visit) => {
    const { page, text } = visit;
    await shows(row(visit, text("ticket.erased_title")));
    await shows(row(visit, tickets[2].name));
    assert.equal(await list(visit).getByText(text("tickets.new_answer")).count(), 0);
    await page.getByLabel(text("filter.q")).fill("0aB7cD");
    await counts(rows(visit), 1);
    await shows(row(visit, tickets[0].name));
  },
);

deskTest("the keys move the focus, and act on what is shown only", {}, async (visit) => {
  const { page, stack, text } = visit;
  await shows(row(visit, "RDS replica"));
  const titles = await rows(visit).allInnerTexts();
  const isFocused = (/** @type {string} */ name) => row(visit, name).and(page.locator(":focus")).waitFor();
  const at = titles.findIndex((title) => title.includes("RDS replica"));
  await page.getByRole("link", { name: text("nav.new") }).first().focus();
  for (let step = 0; step <= at; step++) await page.keyboard.press("j");
  await isFocused("RDS replica");
  await page.getByLabel(text("filter.q")).fill("obs");
  await counts(rows(visit), 1);
  await page.getByLabel(text("filter.q")).blur();
  await page.keyboard.press("r");
  await page.keyboard.press("Enter");
  assert.equal(page.url(), `${stack.origin}/desk/tickets?q=obs`);
  await page.keyboard.press("j");
  await isFocused("OBS upload");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${stack.origin}/desk/tickets/${tickets[1].id}`);
  // The last filters are those of the search.
  await page.keyboard.press("/");
  await page.getByLabel(text("filter.q")).and(page.locator(":focus")).waitFor();
  await page.waitForURL(`${stack.origin}/desk/tickets?q=obs`);
});

deskTest(
  "a new ticket does not move the page to the selected one",
  {
    prepare: withAnswers((page, query) => {
      const copies = Array.from({ length: 80 }, (_, index) => ({
        ...tickets[0],
        id: `01M851AKCVJQN10F92BVXS9${String(index).padStart(3, "0")}`,
        name: `Copy ${index}`,
        create_time: tickets[0].create_time - index - 1,
      }));
      if (!query.has("updated_since")) page.items.push(...copies);
    }),
  },
  async (visit) => {
    const { page, stack } = visit;
    await shows(row(visit, "Copy 0"));
    await page.keyboard.press("j");
    await page.locator(".ticket-row[data-selected]:focus").waitFor();
    await page.mouse.move(640, 500);
    await page.mouse.wheel(0, 3_000);
    await page.waitForFunction(() => scrollY > 2_000);
    await addTicket(stack, accounts.ALIBABA, { name: "Above the others", description: "text" });
    await page.waitForResponse(async (/** @type {any} */ response) =>
      response.url().includes("updated_since") && (await response.text()).includes("Above the others"));
    await page.locator(`li[aria-posinset="2"] .ticket-row[data-selected]`).waitFor({ state: "attached" });
    assert.ok((await page.evaluate(() => scrollY)) > 2_000);
  },
);

deskTest("ages are shown anew while nothing changes", {}, async (visit) => {
  const { page, stack, text } = visit;
  await page.clock.install();
  await addTicket(stack, accounts.ALIBABA, { name: "Getting older", description: "text" });
  await page.reload();
  await shows(row(visit, "Getting older").filter({ hasText: text("time.now") }));
  await page.clock.fastForward(10 * 60_000);
  await gone(row(visit, "Getting older").filter({ hasText: text("time.now") }));
});

deskTest("how many there are is read out once, when all are read", { language: "zh" }, async (visit) => {
  const { page, text } = visit;
  await page.addInitScript(() => {
    const spoken = /** @type {any} */ (globalThis).spoken = /** @type {string[]} */ ([]);
    new MutationObserver(() => {
      const region = document.querySelector(".tickets .count [role=status]")?.textContent ?? "";
      if (region && region !== spoken.at(-1)) spoken.push(region);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.reload();
  await shows(row(visit, tickets[0].name));
  const count = await rows(visit).count();
  const spoken = () => page.evaluate(() => /** @type {any} */ (globalThis).spoken);
  await visit.stack.until(spoken, (texts) => texts.length > 0);
  assert.deepEqual(await spoken(), [text("tickets.count", { count, shown: count })]);
});

deskTest("a text of many line ends or signs does not stop the page", {}, async ({ page }) => {
  const took = await page.evaluate(async () => {
    const app = /** @type {HTMLScriptElement} */ (document.querySelector("script[src$='app.js']")).src;
    const { kindOf } = await import(new URL("core/markup.js", app).href);
    const { inline } = await import(new URL("core/markdown.js", app).href);
    const signs = `https://example.com/${")".repeat(1_900)}x `.repeat(100);
    const begun = performance.now();
    const kinds = [kindOf("\n".repeat(200_000)), kindOf(" ".repeat(1_000_000)), kindOf("\n \n  ```\n<p>text</p>")];
    const parts = inline(`${signs}(https://example.com/a).`);
    return { ms: performance.now() - begun, kinds, last: parts.at(-1) };
  });
  assert.deepEqual(took.kinds, ["plain", "plain", "plain"]);
  assert.equal(took.last, ").");
  assert.ok(took.ms < 2_000, `${took.ms} ms`);
});

deskTest("a comment in a list is no item of it", {}, async ({ page }) => {
  const items = await page.evaluate(async () => {
    const app = /** @type {HTMLScriptElement} */ (document.querySelector("script[src$='app.js']")).src;
    const { Markup } = await import(new URL("core/markup.js", app).href);
    const { html, render } = await import(new URL("core/html.js", app).href);
    const place = document.createElement("div");
    render(html`<${Markup} content="<ul><!-- note --><li>one</li>two<!-- other --></ul>" />`, place);
    return [...place.querySelectorAll("li")].map((item) => item.textContent);
  });
  assert.deepEqual(items, ["one", "two"]);
});

deskTest("beyond the tickets that are remembered, the earliest count as read", {}, async ({ page }) => {
  const found = await page.evaluate(async () => {
    const app = /** @type {HTMLScriptElement} */ (document.querySelector("script[src$='app.js']")).src;
    const { isUnread, withSeen } = await import(new URL("core/seen.js", app).href);
    const times = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`ticket-${at}`, 2_000 + at]));
    let seen = { since: 1_000, times };
    for (let at = 2_000; at < 2_010; at++) seen = withSeen(seen, `ticket-${at}`, 2_000 + at);
    const unread = (/** @type {string} */ id, /** @type {number} */ last_support_time) =>
      isUnread({ id, last_support_time }, seen);
    const opened = withSeen(seen, "old", 1_500);
    return {
      since: seen.since,
      kept: Object.keys(seen.times).length,
      cut: unread("ticket-3", 2_003),
      later: unread("ticket-3", 2_500),
      read: unread("ticket-2009", 4_009),
      news: unread("ticket-2009", 4_010),
      opened: isUnread({ id: "old", last_support_time: 1_500 }, opened),
    };
  });
  assert.deepEqual(found, {
    since: 2_009,
    kept: 2_000,
    cut: false,
    later: true,
    read: false,
    news: true,
    opened: false,
  });
});

let supportTime = 0;

deskTest(
  "the same announcement is read out again",
  {
    prepare: withAnswers((page, query) => {
      if (query.has("updated_since") && supportTime > 0)
        page.items = [{ ...tickets[0], update_time: supportTime, last_support_time: supportTime }];
    }),
  },
  async (visit) => {
    const { page, text } = visit;
    const one = text("tickets.unread", { count: 1, shown: 1 });
    const region = page.locator(".tickets > [role=status]");
    await shows(row(visit, tickets[0].name));
    await page.evaluate(() => {
      const spoken = ((/** @type {any} */ (globalThis)).spoken = /** @type {string[]} */ ([]));
      const region = /** @type {Element} */ (document.querySelector(".tickets > [role=status]"));
      const note = () => region.textContent !== spoken.at(-1) && spoken.push(region.textContent ?? "");
      new MutationObserver(note).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    const answers = async (/** @type {number} */ time) => {
      supportTime = time;
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await shows(row(visit, tickets[0].name).filter({ hasText: text("tickets.new_answer") }));
    };
    await answers(4e12);
    await region.filter({ hasText: one }).waitFor({ state: "attached" });
    await page.evaluate(
      async (/** @type {string} */ id) => {
        const app = /** @type {HTMLScriptElement} */ (document.querySelector("script[src$='app.js']")).src;
        (await import(new URL("core/seen.js", app).href)).markSeen(id, 4e12);
      },
      tickets[0].id,
    );
    await gone(row(visit, tickets[0].name).filter({ hasText: text("tickets.new_answer") }));
    await answers(5e12);
    await page.waitForFunction(
      (/** @type {string} */ words) => {
        const { spoken } = /** @type {any} */ (globalThis);
        return spoken.filter((/** @type {string} */ one) => one === words).length === 2;
      },
      one,
    );
    const spoken = await page.evaluate(() => /** @type {any} */ (globalThis).spoken);
    assert.deepEqual(spoken.slice(spoken.indexOf(one)), [one, "", one]);
  },
);

// Texts from outside that would run as a script: nothing of them does, wherever a page shows them.

import assert from "node:assert/strict";

import { counts, deskTests, shows } from "../harness/desk.js";
import { addAccount, addTicket, ticketBody } from "../harness/fill.js";
import { HOSTILE_TEXTS } from "../harness/hostile_texts.js";
import { message, openTicket } from "../harness/steps.js";

/** Not longer than a title of both vendors may be, and without signs that no title may have. */
const titleOf = (/** @type {string} */ text) => text.replace(/[\t\u202e]/g, " ").slice(0, 100);
/** What a file may be called: a name has no path. */
const fileNameOf = (/** @type {string} */ text, /** @type {number} */ index) =>
  `${text.replace(/[\t\u202e]/g, " ").replaceAll("/", "∕")}-${index}.txt`;

/** @type {any} */ let account;
/** @type {any} */ let talked;
/** @type {any} */ let described;

const { deskTest } = deskTests({
  hasTokens: true,
  fill: async (stack) => {
    account = await addAccount(stack, "ALIBABA");
    for (const text of HOSTILE_TEXTS) {
      described = await addTicket(stack, account, { name: titleOf(text), description: HOSTILE_TEXTS.join("\n\n") });
    }
    talked = await addTicket(stack, account, { name: "Support writes", description: "text" });
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      const files = [{ name: fileNameOf(text, index), content: { text: "bytes" } }];
      const content = `message ${index} ${text}`;
      await stack.simulator("ALIBABA", "reply", {
        ticket: talked.cloud_id,
        content,
        replier_name: titleOf(text),
        files,
      });
    }
    // The stack has all of them before a page is opened.
    const all = (/** @type {any} */ page) => page.items.length >= HOSTILE_TEXTS.length;
    await stack.until(() => stack.api("GET", `/tickets/${talked.id}/messages?limit=100&refresh=true`), all);
  },
});

/** @typedef {import("../harness/desk.js").Visit} Visit */

/** Asserts that nothing ran, and that no element is there that could. @param {Visit} visit @param {string} what */
async function assertHarmless({ page, faults }, what) {
  const found = await page.evaluate(() => {
    const root = document.getElementById("app") ?? document.body;
    const elements = [...root.querySelectorAll("*")];
    const bad = elements.filter((element) => {
      const name = element.localName;
      const tags = [
        "script",
        "iframe",
        "object",
        "embed",
        "base",
        "meta",
        "link",
        "style",
        "math",
        "video",
        "audio",
        "template",
        "marquee",
      ];
      const attributes = [...element.attributes].filter(
        ({ name, value }) =>
          name.startsWith("on") ||
          name === "srcdoc" ||
          name === "formaction" ||
          (["href", "src", "action", "xlink:href"].includes(name) && !/^(https?:|mailto:|blob:|\/desk|#)/i.test(value)),
      );
      return tags.includes(name) || attributes.length > 0;
    });
    const outside = [...root.querySelectorAll("a[href^='http']")].filter(
      (link) =>
        /** @type {HTMLAnchorElement} */ (link).origin !== location.origin &&
        !(link.getAttribute("rel") ?? "").includes("noopener"),
    );
    return {
      // @ts-ignore: a text sets it where it runs.
      ran: window.ran ?? null,
      bad: [...bad, ...outside].map((element) => element.outerHTML.slice(0, 200)),
      apps: document.querySelectorAll("#app").length,
    };
  });
  assert.deepEqual(found, { ran: null, bad: [], apps: 1 }, what);
  assert.deepEqual(faults, [], what);
}

for (const language of /** @type {const} */ (["en", "zh"])) {
  deskTest(
    `titles in the list are texts (${language})`,
    { language, viewport: { width: 1280, height: 5_000 } },
    async (visit) => {
      const { page, text } = visit;
      const list = page.getByRole("list", { name: text("nav.tickets") });
      await counts(list.getByRole("listitem"), HOSTILE_TEXTS.length + 1);
      const shown = (await list.getByRole("link").allInnerTexts()).join("\n");
      for (const one of HOSTILE_TEXTS) assert.ok(shown.includes(titleOf(one).trim().replace(/ +/g, " ")), one);
      await assertHarmless(visit, "list");
      await page.getByLabel(text("filter.q")).fill("<script>");
      await shows(list.getByRole("link").filter({ hasText: "<script>" }));
      await assertHarmless(visit, "searched list");
    },
  );
}

deskTest("messages of support, their writers and their files run nothing", {}, async (visit) => {
  const { page, text } = visit;
  await openTicket(visit, talked.id);
  const last = HOSTILE_TEXTS.length - 1;
  await shows(message(visit, `message ${last} `));
  const older = page.getByRole("button", { name: text("ticket.show_older", { count: 100, left: 100 }).split(/\d/)[0] });
  if ((await older.count()) > 0) await older.click();
  await counts(message(visit, /message \d+ /), HOSTILE_TEXTS.length);
  await shows(page.getByText(fileNameOf(HOSTILE_TEXTS[0], 0)).first());
  await assertHarmless(visit, "conversation");
  // As it came, too.
  for (const button of await page.getByRole("button", { name: text("ticket.verbatim") }).all()) await button.click();
  await assertHarmless(visit, "original texts");
  await shows(page.getByText(`message 0 ${HOSTILE_TEXTS[0]}`));
});

deskTest("links in messages lead outside in a tab of their own, or nowhere", {}, async (visit) => {
  const { page, text } = visit;
  await openTicket(visit, talked.id);
  await shows(message(visit, "message "));
  const conversation = page.getByRole("region", { name: text("ticket.conversation") });
  for (const link of await conversation.locator("a[href]").all()) {
    assert.match(await link.getAttribute("href"), /^(https?:|mailto:|\/desk)/);
    if (/^https?:/.test(await link.getAttribute("href"))) assert.equal(await link.getAttribute("target"), "_blank");
  }
  // Whatever is pressed by mistake runs nothing and leaves nothing.
  for (const words of ["a script", "press", "handlers", "moves", "edit", "data", "vbscript"]) {
    const place = conversation.getByText(words, { exact: true }).first();
    if (
      (await place.count()) === 0 ||
      (await place.evaluate((/** @type {Element} */ one) => one.closest("a[href]") !== null))
    )
      continue;
    await place.click();
    await place.hover();
  }
  await assertHarmless(visit, "pressed texts");
});

deskTest("a description, its title and the page's own title are texts", {}, async (visit) => {
  const { page } = visit;
  await openTicket(visit, described.id);
  await shows(page.getByRole("heading", { level: 1 }));
  await assertHarmless(visit, "description");
  assert.ok((await page.title()).includes("<script>"));
});

deskTest("what a vendor says of keys is a text", { path: "/accounts" }, async (visit) => {
  const { page, stack, text } = visit;
  const said = `<img src=x onerror="window.ran=1;alert(1)"><script>alert(1)</script>`;
  await stack.simulator("HUAWEI", "faults", {
    operation: "*",
    times: 1,
    fault: "refuse",
    code: "APIGW.0301",
    message: said,
  });
  await page.getByRole("button", { name: text("accounts.register") }).click();
  const dialog = page.getByRole("dialog", { name: text("accounts.register") });
  const { secret_id, secret_key_secret, endpoint } = stack.keysOf("HUAWEI");
  await dialog.getByRole("combobox", { name: text("filter.type"), exact: true }).selectOption("HUAWEI");
  await dialog.getByLabel(text("accounts.endpoint")).fill(endpoint);
  await dialog.getByLabel(text("accounts.secret_id.HUAWEI")).fill(secret_id);
  await dialog.getByLabel(text("accounts.secret_key_secret.HUAWEI")).fill(secret_key_secret);
  await dialog.getByRole("button", { name: text("accounts.register_now") }).click();
  await shows(dialog.getByRole("alert"));
  await assertHarmless(visit, "refused keys");
  await stack.simulator("HUAWEI", "faults", undefined, "DELETE");
});

deskTest(
  "names of the catalog are texts, in the catalog and in the form of a new ticket",
  { path: "/catalog" },
  async (visit) => {
    const { page, stack, text } = visit;
    const names = HOSTILE_TEXTS.slice(0, 12).map((one, index) => `危险 ${index} ${titleOf(one)}`);
    const product = (await ticketBody(stack, account)).product_id;
    const types = (await stack.api("GET", `/catalog/product-types?type=ALIBABA&product_id=${product}&limit=50`)).items;
    const changes = types.map((/** @type {any} */ type, /** @type {number} */ index) => ({
      rename_problem_type: { product, id: type.id, name: names[index % names.length] },
    }));
    await stack.simulator("ALIBABA", "catalog", [
      ...changes,
      { rename_product: { id: product, name: `危险产品 ${HOSTILE_TEXTS[3]}` } },
    ]);
    const { id } = await stack.api("POST", "/catalog/refresh", { body: { type: "ALIBABA" } });
    await stack.until(
      () => stack.api("GET", `/catalog/refreshes/${id}`),
      (run) => run.end_time !== undefined,
    );
    await page.reload();
    await shows(page.getByText("危险产品").first());
    await assertHarmless(visit, "catalog");
    await page.goto(`${stack.origin}/desk/new?custom_id=${account.id}`);
    await page.getByRole("combobox", { name: text("new.product") }).fill("危险产品");
    await page.getByRole("option", { name: /危险产品/ }).click();
    await page.getByRole("combobox", { name: text("new.problem_type") }).click();
    await shows(page.getByRole("option", { name: /危险 \d/ }));
    await assertHarmless(visit, "new ticket");
    await page.goto(`${stack.origin}/desk/tickets/${talked.id}`);
    await shows(page.getByText("危险产品").first());
    await assertHarmless(visit, "facts of a ticket");
  },
);

deskTest("who has a hostile name is shown by it, in the audit too", { path: "/audit" }, async (visit) => {
  const { page, stack } = visit;
  const name = `<img src=x onerror="window.ran=1;alert(1)">`;
  stack.setTokens({ "t-hostile": { sub: name, name, scope: "read write admin", accounts: "*" } });
  const body = { reason: HOSTILE_TEXTS[0] };
  const headers = { authorization: "Bearer t-hostile", "content-type": "application/json" };
  const response = await fetch(`${stack.origin}/tickets/${talked.id}/hold`, {
    method: "PUT",
    headers,
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, await response.text());
  await page.reload();
  await shows(page.getByText(name).first());
  await assertHarmless(visit, "audit");
  await page.goto(`${stack.origin}/desk/tickets/${talked.id}`);
  await shows(page.getByText(HOSTILE_TEXTS[0]).first());
  await assertHarmless(visit, "hold");
});

const SCRIPT = "<script>alert(1)</script>";
const IMAGE = "<img src=x onerror=alert(1)>";

/** What stands in the address, the address, and what shows it. */
const ADDRESSES =
  /** @type {[string, string, Record<string, string>, (visit: Visit) => Promise<void>][]} */ ([
    [
      "the filters",
      "/tickets",
      { q: SCRIPT, state: `">${IMAGE}` },
      ({ page, text }) => hasValue(page.getByLabel(text("filter.q")), SCRIPT),
    ],
    [
      "an id",
      `/tickets/${encodeURIComponent(IMAGE)}`,
      {},
      ({ page, text }) => shows(page.getByText(text("ticket.unread"))),
    ],
    [
      "a new ticket",
      "/new",
      { custom_id: "<script>", product_id: '"onerror=alert(1)', name: IMAGE },
      ({ page, text }) => hasValue(page.getByLabel(text("new.name")), IMAGE),
    ],
    [
      "the catalog",
      "/catalog",
      { q: SCRIPT, product: "<script>", since: "<script>" },
      async ({ page, text }) => {
        await hasValue(page.getByLabel(text("catalog.search_label")), SCRIPT);
        await shows(page.getByText(text("catalog.of_product", { product: "<script>" })));
      },
    ],
  ]);

/** Waits until a field is shown, and asserts its value. @param {any} field @param {string} value */
async function hasValue(field, value) {
  assert.equal(await field.inputValue(), value);
}

for (const [what, path, query, waits] of ADDRESSES) {
  const address = `${path}?${new URLSearchParams(query)}`;
  deskTest(`${what} in an address are values only`, { path: address }, async (visit) => {
    await waits(visit);
    await assertHarmless(visit, what);
  });
}

// A person whose token has the scope `read` alone, at the issuer and in the stack: no write is offered.

import assert from "node:assert/strict";
import { after } from "node:test";

import { assertAccessible } from "../harness/axe.js";
import { deskTests, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { Issuer, useIssuer } from "../harness/issuer.js";

/** @type {Issuer} */ let issuer;
/** @type {any} */ let account;
/** @type {any} */ let open;
/** @type {any} */ let closed;

const { deskTest } = deskTests({
  hasTokens: true,
  fill: async (stack) => {
    issuer = await Issuer.start(stack);
    account = await addAccount(stack, "ALIBABA");
    open = await addTicket(stack, account, { name: "To be read only", description: "text" });
    closed = await addTicket(stack, account, { name: "Closed, to be read only", description: "text" });
    await stack.api("POST", `/tickets/${closed.id}/close`);
    await stack.until(
      () => stack.api("GET", `/tickets/${closed.id}`),
      (ticket) => ticket.state === "closed",
    );
  },
});
after(() => issuer?.stop());

/** @typedef {import("../harness/desk.js").Visit} Visit */

/**
 * @param {string} name
 * @param {string} scope
 * @param {() => string} path
 * @param {(visit: Visit) => Promise<void>} run
 */
function personTest(name, scope, path, run) {
  const origins = [];
  const prepare = async (/** @type {any} */ context, /** @type {any} */ stack) => {
    issuer.claims = { sub: "bob", name: "Bob", scope, accounts: "*" };
    origins.push(issuer.origin);
    await useIssuer(context, stack, issuer);
  };
  deskTest(name, { key: null, origins, prepare }, async (visit) => {
    const { page, stack, text, requests } = visit;
    await page.goto(`${stack.origin}/desk${path()}`);
    await page.getByRole("button", { name: text("session.sign_in") }).click();
    await page.getByRole("link", { name: "Sign in as Bob" }).click();
    await shows(page.getByText("Bob", { exact: true }));
    await run(visit);
    assert.deepEqual(
      requests.filter(({ method, url }) => method !== "GET" && url.origin === stack.origin),
      [],
    );
  });
}

/** The buttons and links with these names. @param {Visit} visit @param {string[]} keys of texts */
async function assertNotOffered({ page, text }, keys) {
  for (const key of keys) {
    const name = text(key);
    const offered = page.getByRole("main").getByRole("button", { name }).or(page.getByRole("link", { name }));
    assert.equal(await offered.count(), 0, `${key}: ${name}`);
  }
}

personTest(
  "a reader can read an open ticket, and is told why there is no reply",
  "read",
  () => `/tickets/${open.id}`,
  async (visit) => {
    const { page, text } = visit;
    await shows(page.getByText(text("ticket.read_only")));
    await assertNotOffered(visit, ["ticket.reply", "ticket.close", "ticket.send", "nav.new", "ticket.hold"]);
    // Neither by a key nor by an address.
    await page.keyboard.press("r");
    await page.keyboard.press("c");
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.equal(await page.getByRole("textbox").count(), 0);
    await assertAccessible(page, "read only");
  },
);

personTest(
  "a reader can verify an archive, and not reopen or rate",
  "read",
  () => `/tickets/${closed.id}?do=reopen`,
  async (visit) => {
    const { page, text } = visit;
    await page.getByRole("button", { name: text("ticket.verify") }).click();
    await shows(page.getByText(text("ticket.verified")));
    await assertNotOffered(visit, ["ticket.reopen", "ticket.rate_support", "ticket.erase", "nav.new"]);
    assert.equal(await page.getByRole("dialog").count(), 0);
  },
);

personTest(
  "a reader is told that no ticket can be opened",
  "read",
  () => "/new",
  async ({ page, text }) => {
    await shows(page.getByText(text("new.not_allowed")));
    assert.equal(await page.getByRole("textbox").count(), 0);
  },
);

personTest(
  "a reader sees accounts and catalog, and changes neither",
  "read",
  () => "/accounts?do=register",
  async (visit) => {
    const { page, stack, text } = visit;
    await page.getByRole("link", { name: account.customer_id }).click();
    await page.waitForURL(`${stack.origin}/desk/accounts/${account.id}`);
    await shows(page.getByRole("heading", { name: text("accounts.rights") }));
    await assertNotOffered(visit, ["accounts.register", "accounts.rotate", "accounts.remove", "accounts.adopt_start"]);
    await page
      .getByRole("navigation")
      .getByRole("link", { name: text("nav.catalog") })
      .click();
    await shows(page.getByRole("heading", { name: text("catalog.state") }));
    await assertNotOffered(visit, ["catalog.refresh_all"]);
  },
);

personTest(
  "who may write and is no admin changes no account and sees no audit",
  "read write",
  () => "/audit",
  async (visit) => {
    const { page, text } = visit;
    await shows(page.getByText(text("audit.refused")));
    await shows(page.getByRole("navigation").getByRole("link", { name: text("nav.new") }));
    await page
      .getByRole("navigation")
      .getByRole("link", { name: text("nav.accounts") })
      .click();
    await shows(page.getByRole("link", { name: account.customer_id }));
    await assertNotOffered(visit, ["accounts.register"]);
  },
);

deskTest(
  "a token of the token file is taken in place of the key, and what it does not allow is not offered",
  {
    key: "t-reader",
    prepare: async (_, stack) => {
      stack.setTokens({ "t-reader": { sub: "carol", name: "Carol", scope: "read", accounts: "*" } });
    },
  },
  async (visit) => {
    const { page, stack, text } = visit;
    await shows(page.getByRole("link", { name: "To be read only" }).first());
    await shows(page.getByText("Carol", { exact: true }));
    await page.goto(`${stack.origin}/desk/tickets/${open.id}`);
    await shows(page.getByText(text("ticket.read_only")));
    await assertNotOffered(visit, ["ticket.reply", "ticket.close", "ticket.send", "nav.new"]);
  },
);

deskTest(
  "what a token no longer allows is refused, and what was typed stays",
  {
    key: "t-writer",
    path: "/tickets/",
    prepare: async (_, stack) => {
      stack.setTokens({ "t-writer": { sub: "dave", scope: "read write", accounts: "*" } });
    },
  },
  async ({ page, stack, text }) => {
    await shows(page.getByText("dave", { exact: true }));
    await page.goto(`${stack.origin}/desk/tickets/${open.id}`);
    const reply = page.getByRole("form", { name: text("ticket.reply") });
    await reply.getByRole("textbox").fill("May I?");
    stack.setTokens({ "t-writer": { sub: "dave", scope: "read", accounts: "*" } });
    await reply.getByRole("button", { name: text("ticket.send") }).click();
    const refusal = reply.getByRole("alert").filter({ hasText: text("problem.forbidden") });
    await shows(refusal);
    assert.equal(await refusal.locator('[lang="en"]').count(), 0);
    assert.equal(await reply.getByRole("textbox").inputValue(), "May I?");
  },
);

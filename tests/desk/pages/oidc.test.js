// Signing in at an OpenID Connect issuer.

import assert from "node:assert/strict";
import { after } from "node:test";

import { deskTests, gone, shows } from "../harness/desk.js";
import { addAccount, addTicket } from "../harness/fill.js";
import { Issuer, useIssuer } from "../harness/issuer.js";
import { openTicket, replyField } from "../harness/steps.js";

/** @type {Issuer} */
let issuer;
/** @type {any} */
let added;

const { deskTest } = deskTests({
  hasTokens: true,
  fill: async (stack) => {
    issuer = await Issuer.start(stack);
    added = await addTicket(stack, await addAccount(stack, "ALIBABA"), {
      name: "A ticket of the issuer's people",
      description: "text",
    });
  },
});
after(() => issuer?.stop());

/** @typedef {import("../harness/desk.js").Visit} Visit */

/**
 * A visit that has the issuer's settings, and no key of the stack.
 * @param {string} name
 * @param {Partial<Pick<Issuer, "claims" | "apiScope" | "scopePrefix" | "endsSessions" | "renewsId" |
 *   "expiresInSeconds" | "allows">> & { path?: string }} settings
 * @param {(visit: Visit) => Promise<void>} run
 */
function issuerTest(name, { path, ...settings }, run) {
  const origins = [];
  const prepare = async (/** @type {any} */ context, /** @type {any} */ stack) => {
    issuer.forget();
    Object.assign(issuer, new Issuer(), { origin: issuer.origin }, settings);
    issuer.asked = [];
    origins.push(issuer.origin);
    await useIssuer(context, stack, issuer);
  };
  deskTest(name, { key: null, path, origins, prepare }, run);
}

/** @param {Visit} visit */
async function signIn({ page, text }) {
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  await page.getByRole("link", { name: `Sign in as ${issuer.claims.name}` }).click();
}

/** @param {Visit} visit */
const ticket = ({ page }) => page.getByRole("link", { name: "A ticket of the issuer's people" });

/** @param {string} token */
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** What the browser keeps of the page. @param {Visit} visit @returns {Promise<string>} */
const kept = ({ page }) => page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));

/** The tokens that the API was called with, each once. @param {Visit} visit */
const usedTokens = ({ requests }) => [
  ...new Set(requests.filter(({ url }) => url.pathname === "/tickets").map(({ headers }) => headers.authorization)),
];

issuerTest("the person signs in, and the token is nowhere but in memory", {}, async (visit) => {
  const { page, stack, text } = visit;
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.equal(await page.getByLabel(text("session.key")).count(), 0);
  await signIn(visit);
  await shows(ticket(visit));
  await shows(page.getByText("Ann", { exact: true }));
  // The code does not stay in the address.
  assert.equal(page.url(), `${stack.origin}/desk/`);
  const [token] = usedTokens(visit);
  assert.ok(token.startsWith("Bearer ey"), token);
  const [exchange] = issuer.askedAt("/token");
  assert.equal(exchange.grant_type, "authorization_code");
  const stored = await kept(visit);
  for (const secret of [token.slice(7), exchange.code, exchange.code_verifier])
    assert.ok(!stored.includes(secret), stored);
});

issuerTest(
  "the person comes back to the page that was asked for",
  { path: "/tickets?type=ALIBABA&q=issuer" },
  async (visit) => {
    const { page, stack } = visit;
    await signIn(visit);
    await shows(ticket(visit));
    assert.equal(page.url(), `${stack.origin}/desk/tickets?type=ALIBABA&q=issuer`);
  },
);

issuerTest("a reload asks the issuer without asking the person", {}, async (visit) => {
  const { page, stack } = visit;
  await signIn(visit);
  await shows(ticket(visit));
  await page.goto(`${stack.origin}/desk/tickets?q=people`);
  await shows(ticket(visit));
  assert.equal(page.url(), `${stack.origin}/desk/tickets?q=people`);
  assert.deepEqual(
    issuer.askedAt("/authorize").map(({ prompt }) => prompt),
    [undefined, "none"],
  );
});

issuerTest("without a session at the issuer, a reload asks the person to sign in", {}, async (visit) => {
  const { page, text } = visit;
  await signIn(visit);
  await shows(ticket(visit));
  issuer.forget();
  await page.reload();
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.equal(await page.getByRole("alert").filter({ visible: true }).count(), 0);
  await signIn(visit);
  await shows(ticket(visit));
});

issuerTest("an answer with another state is not taken", {}, async (visit) => {
  const { page, stack, text } = visit;
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  const link = page.getByRole("link", { name: "Sign in as Ann" });
  const answer = new URL(await link.getAttribute("href"));
  answer.searchParams.set("state", "a".repeat(43));
  await page.goto(answer.href);
  await shows(page.getByRole("alert").filter({ hasText: text("session.failed", { reason: "state" }) }));
  assert.deepEqual(issuer.askedAt("/token"), []);
  // Neither is one that nobody asked for, and nothing of it becomes a filter.
  await page.goto(`${stack.origin}/desk/?code=abc&state=${"b".repeat(43)}`);
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.deepEqual(issuer.askedAt("/token"), []);
  assert.equal(page.url(), `${stack.origin}/desk/`);
});

issuerTest("a filter is no answer of the issuer", { path: "/tickets?state=open" }, async (visit) => {
  const { page, stack, text } = visit;
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  await shows(page.getByRole("link", { name: "Sign in as Ann" }));
  await page.goBack();
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.equal(await page.getByRole("alert").filter({ visible: true }).count(), 0);
  assert.equal(page.url(), `${stack.origin}/desk/tickets?state=open`);
  await signIn(visit);
  await shows(ticket(visit));
  assert.equal(page.url(), `${stack.origin}/desk/tickets?state=open`);
});

issuerTest("an issuer that is not reached is told, and tried again", {}, async (visit) => {
  const { page, text } = visit;
  const configuration = `${issuer.origin}/.well-known/openid-configuration`;
  await page.route(configuration, (/** @type {any} */ route) => route.abort());
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  await shows(page.getByRole("alert").filter({ hasText: text("session.failed", { reason: "" }).trim() }));
  await page.unroute(configuration);
  await signIn(visit);
  await shows(ticket(visit));
});

issuerTest("a refusal of the issuer is told", { allows: false }, async (visit) => {
  const { page, text } = visit;
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  await shows(page.getByRole("alert").filter({ hasText: "access_denied" }));
  issuer.allows = true;
  await signIn(visit);
  await shows(ticket(visit));
});

issuerTest("a token that ends soon is renewed, once for all calls", { expiresInSeconds: 30 }, async (visit) => {
  await signIn(visit);
  await shows(ticket(visit));
  await shows(visit.page.getByText(visit.text("tickets.count", { count: 1, shown: 1 }), { exact: true }));
  const grants = issuer.askedAt("/token").map(({ grant_type }) => grant_type);
  assert.deepEqual(grants, ["authorization_code", "refresh_token"]);
  assert.equal(usedTokens(visit).length, 1);
});

issuerTest(
  "a renewal that does not say who it is changes nothing of that",
  { expiresInSeconds: 30, renewsId: false },
  async (visit) => {
    const { page, text } = visit;
    await signIn(visit);
    await shows(ticket(visit));
    assert.deepEqual(
      issuer.askedAt("/token").map(({ grant_type }) => grant_type),
      ["authorization_code", "refresh_token"],
    );
    await shows(page.getByText("Ann", { exact: true }));
    await page.getByRole("button", { name: text("session.sign_out") }).click();
    await shows(page.getByRole("button", { name: text("session.sign_in") }));
    assert.equal(claimsOf(issuer.askedAt("/logout")[0].id_token_hint).name, "Ann");
  },
);

issuerTest(
  "where the issuer renews nothing, the person is asked to sign in",
  { expiresInSeconds: 30 },
  async (visit) => {
    const { page, stack, text } = visit;
    await page.getByRole("button", { name: text("session.sign_in") }).click();
    // The code is taken, and its refresh token is not.
    await page.route(`${issuer.origin}/token`, (/** @type {any} */ route) =>
      route.request().postData().includes("refresh_token=")
        ? route.fulfill({ status: 400, json: { error: "invalid_grant" }, headers: cors(stack) })
        : route.continue(),
    );
    await page.getByRole("link", { name: "Sign in as Ann" }).click();
    // The old token is still good: it is used until the API refuses it.
    await shows(ticket(visit));
    stack.setTokens({});
    await shows(page.getByText(text("session.refused")));
  },
);

/** @param {import("../harness/stack.js").Stack} stack */
const cors = (stack) => ({ "access-control-allow-origin": stack.origin });

issuerTest("signing out ends the session at the issuer too", {}, async (visit) => {
  const { page, stack, text } = visit;
  await signIn(visit);
  await shows(ticket(visit));
  await page.getByRole("button", { name: text("session.sign_out") }).click();
  await page.waitForURL(`${stack.origin}/desk`);
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  const [end] = issuer.askedAt("/logout");
  assert.equal(end.client_id, issuer.clientId);
  assert.equal(claimsOf(end.id_token_hint).name, "Ann");
  // Another visit of the same tab does not sign in by itself.
  await page.reload();
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.equal(issuer.askedAt("/authorize").length, 1);
});

issuerTest("where the issuer's session stays, signing out clears the page", { endsSessions: false }, async (visit) => {
  const { page, stack, text } = visit;
  await signIn(visit);
  await ticket(visit).click();
  await shows(page.getByRole("heading", { name: text("ticket.conversation") }));
  await page.getByRole("button", { name: text("session.sign_out") }).click();
  await page.waitForURL(`${stack.origin}/desk`);
  await shows(page.getByRole("heading", { level: 1, name: "Polydesk" }));
  await gone(page.getByText("A ticket of the issuer's people"));
  assert.equal(await page.getByRole("navigation").count(), 0);
});

issuerTest("a reply that was not sent is shown to its writer alone, for a month", {}, async (visit) => {
  const { page, stack, text } = visit;
  const ann = issuer.claims;
  /** @param {typeof ann} claims @param {string} words which the field of a reply has */
  const finds = async (claims, words) => {
    issuer.claims = claims;
    await signIn(visit);
    await shows(ticket(visit));
    await openTicket(visit, added.id);
    assert.equal(await replyField(visit).inputValue(), words);
  };
  const signOut = async () => {
    await page.getByRole("button", { name: text("session.sign_out") }).click();
    await page.waitForURL(`${stack.origin}/desk`);
  };
  await finds(ann, "");
  await replyField(visit).fill("half a sentence");
  await signOut();
  await finds({ ...ann, sub: "bob", name: "Ann" }, "");
  await signOut();
  await finds(ann, "half a sentence");
  await signOut();
  assert.match(await kept(visit), /half a sentence/);
  await page.clock.setSystemTime(Date.now() + 31 * 86_400_000);
  await page.reload();
  await shows(page.getByRole("button", { name: text("session.sign_in") }));
  assert.doesNotMatch(await kept(visit), /half a sentence/);
});

issuerTest("a refused token asks to sign in again, and the page stays", {}, async (visit) => {
  const { page, stack, text } = visit;
  await signIn(visit);
  await shows(ticket(visit));
  await page.getByLabel(text("filter.q")).fill("people");
  await shows(ticket(visit));
  stack.setTokens({});
  const again = page.getByRole("region", { name: text("session.sign_in") });
  await shows(again);
  await shows(again.getByText(text("session.refused")));
  assert.equal(await page.getByLabel(text("filter.q")).inputValue(), "people");
  await again.getByRole("button", { name: text("session.sign_in") }).click();
  await page.getByRole("link", { name: "Sign in as Ann" }).click();
  await shows(ticket(visit));
  assert.equal(await page.getByLabel(text("filter.q")).inputValue(), "people");
  await gone(again);
});

for (const [how, settings] of /** @type {const} */ ([
  ["by the scopes as they are", { scope: "read", scopePrefix: "" }],
  ["by the scopes with their prefix", { scope: "x/read openid", scopePrefix: "x/" }],
])) {
  const { scope, scopePrefix } = settings;
  issuerTest(
    `who may only read is offered no write, ${how}`,
    { claims: { sub: "bob", name: "Bob", scope, accounts: "*" }, apiScope: "read", scopePrefix },
    async (visit) => {
      const { page, stack, text } = visit;
      await signIn(visit);
      await shows(ticket(visit));
      const pages = page.getByRole("navigation", { name: text("nav.label") });
      await shows(pages.getByRole("link", { name: text("nav.numbers") }));
      for (const key of ["nav.new", "nav.audit"])
        assert.equal(await page.getByRole("link", { name: text(key) }).count(), 0, key);
      const before = page.url();
      await page.keyboard.press("n");
      assert.equal(page.url(), before);
      await page.getByRole("button", { name: text("session.sign_out") }).click();
      await shows(page.getByRole("button", { name: text("session.sign_in") }));
      for (const key of ["n", "/", "?"]) await page.keyboard.press(key);
      assert.equal(page.url(), `${stack.origin}/desk`);
      assert.equal(await page.getByRole("dialog").count(), 0);
    },
  );
}

issuerTest(
  "where the API wants no scopes, everything is offered",
  {
    claims: { sub: "eve", name: "Eve", scope: "openid", accounts: "*" },
    apiScope: "read write admin",
    scopePrefix: undefined,
  },
  async (visit) => {
    const { page, text } = visit;
    await signIn(visit);
    await shows(ticket(visit));
    const pages = page.getByRole("navigation", { name: text("nav.label") });
    for (const key of ["nav.new", "nav.audit"]) await shows(pages.getByRole("link", { name: text(key) }));
  },
);

// The way in: the file desk.html of a local stack, its access key, and what the page shows without one.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";

import { assertAccessible } from "../harness/axe.js";
import { deskTests, gone, shows } from "../harness/desk.js";

const { deskTest } = deskTests({ hasTokens: true });

deskTest(
  "the page without a key asks for it, and asks the API nothing",
  { key: null },
  async ({ page, text, requests }) => {
    await shows(page.getByLabel(text("session.key")));
    await assertAccessible(page, "sign in");
    assert.deepEqual(
      requests.filter(({ url }) => !url.pathname.startsWith("/desk")),
      [],
    );
  },
);

deskTest("the key leaves the address, and opens another page of the same tab", {}, async ({ page, stack, text }) => {
  await shows(page.getByRole("heading", { level: 1, name: text("nav.tickets") }));
  assert.equal(page.url(), `${stack.origin}/desk/`);
  await page.reload();
  await shows(page.getByRole("heading", { level: 1, name: text("nav.tickets") }));
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)).then((kept) => kept.includes(stack.key)), false);
});

deskTest("a wrong key is refused, a right one opens the page", { key: "wrong" }, async ({ page, stack, text }) => {
  await shows(page.getByText(text("session.refused")));
  await page.getByLabel(text("session.key")).fill(stack.key);
  await page.getByRole("button", { name: text("session.sign_in") }).click();
  await shows(page.getByRole("heading", { level: 1, name: text("nav.tickets") }));
  await gone(page.getByText(text("session.refused")));
});

deskTest("signing out forgets the key, and nothing stays on the screen", {}, async ({ page, stack, text }) => {
  await page.getByRole("button", { name: text("session.sign_out") }).click();
  await shows(page.getByLabel(text("session.key")));
  await page.waitForURL(`${stack.origin}/desk`);
  await gone(page.getByRole("navigation"));
  await shows(page.getByRole("heading", { level: 1, name: "Polydesk" }));
  assert.equal(
    await page.evaluate(() => JSON.stringify(sessionStorage)).then((kept) => kept.includes(stack.key)),
    false,
  );
  await page.reload();
  await shows(page.getByLabel(text("session.key")));
});

deskTest("an answer to an old token says nothing about the new one", { key: null }, async ({ page, stack, text }) => {
  const claims = { sub: "ann", name: "Ann", scope: "read", accounts: "*" };
  stack.setTokens({ first: claims, second: claims });
  const enter = async (/** @type {string} */ token) => {
    await page.getByLabel(text("session.key")).fill(token);
    await page.getByRole("button", { name: text("session.sign_in") }).click();
  };
  const unauthorized = { status: 401, json: { message: "Unauthorized" } };
  /** @type {() => void} */ let answer;
  const later = new Promise((resolve) => (answer = () => resolve(undefined)));
  await page.route(`${stack.origin}/{accounts,tickets}?*`, async (/** @type {any} */ route) => {
    const request = route.request();
    if (request.headers().authorization !== "Bearer first") return route.fallback();
    if (request.url().includes("/accounts")) await later;
    await route.fulfill(unauthorized);
  });
  await enter("first");
  await shows(page.getByText(text("session.refused")));
  await enter("second");
  await gone(page.getByText(text("session.refused")));
  const answered = page.waitForResponse((/** @type {any} */ response) => response.url().includes("/accounts?"));
  answer();
  await answered;
  // The next read is sent with the new token, by a page that is still signed in.
  await page.getByRole("navigation").getByRole("link", { name: text("nav.accounts") }).click();
  await shows(page.getByRole("heading", { level: 1, name: text("nav.accounts") }));
  assert.equal(await page.getByText(text("session.refused")).count(), 0);
});

deskTest("an address without a page says so", { path: "/nowhere/at/all" }, async ({ page, text }) => {
  await shows(page.getByRole("heading", { level: 1, name: text("page.missing") }));
  await assertAccessible(page, "missing page");
});

// The file, the redirect and the headers are those of the program.
if (!process.env.DESK_WEB) {
  deskTest("the access folder's desk.html opens the page, signed in", { key: null }, async ({ page, stack, text }) => {
    const file = `${stack.access}/desk.html`;
    // Whoever reads it may do everything.
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(readFileSync(file, "utf8").includes(`${stack.origin}/desk#access_key=${stack.key}`));
    await page.goto(`file://${file}`);
    await shows(page.getByRole("heading", { level: 1, name: text("nav.tickets") }));
    assert.equal(page.url(), `${stack.origin}/desk`);
  });

  deskTest("/ leads to the page", { key: null }, async ({ page, stack, text }) => {
    await page.goto(`${stack.origin}/`);
    await shows(page.getByRole("heading", { level: 1, name: "Polydesk" }));
    assert.match(new URL(page.url()).pathname, /^\/desk\/?$/);
    await shows(page.getByLabel(text("session.key")));
  });

  deskTest("files of the page may be kept, the page itself not", {}, async ({ page, stack }) => {
    const index = await page.request.get(`${stack.origin}/desk/`);
    assert.equal(index.headers()["cache-control"], "no-cache");
    const asset = (await index.text()).match(/src="(\/desk\/assets\/[^"]+)"/)[1];
    const script = await page.request.get(stack.origin + asset);
    assert.equal(script.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(script.headers()["content-encoding"], "gzip");
    for (const answer of [index, script]) {
      const policy = answer.headers()["content-security-policy"];
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]) {
        assert.ok(policy.includes(part), policy);
      }
      assert.equal(answer.headers()["x-content-type-options"], "nosniff");
    }
  });
}

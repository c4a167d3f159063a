// Every page in both languages and themes, wide and narrow: axe finds nothing, nothing scrolls sideways, and, where a
// folder is given, a picture of each.

import { mkdirSync } from "node:fs";
import { test } from "node:test";

import { assertAccessible, assertNoSidewaysScroll } from "../harness/axe.js";
import { deskTests, shows } from "../harness/desk.js";
import { addAccount, addTicket, ticketBody } from "../harness/fill.js";
import { fillTicket, message } from "../harness/steps.js";

/** @typedef {import("../harness/desk.js").Visit} Visit */
/** @typedef {import("../harness/desk.js").VisitOptions} VisitOptions */

const SCREENSHOTS = process.env.DESK_SCREENSHOTS;
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });

const NAMES = [
  "云服务器无法远程连接",
  "RDS 主从延迟过高",
  "OBS 上传返回 403",
  "Kubernetes node NotReady",
  "<b>粗体</b> & 符号",
];
const ANSWER =
  "您好，已收到您的问题。请提供：\n\n1. 实例 ID\n2. 出现问题的时间\n\n```\nssh -v root@10.0.0.1\n```\n\n" +
  "参考 https://help.aliyun.com/document_detail/25425.html";
const ANSWER_HTML =
  '<p>您好，请查看<a href="https://support.huaweicloud.com/">文档</a>。</p>' +
  "<table><tr><th>步骤</th><td>检查<b>安全组</b></td></tr></table>";

/** @type {Record<string, any>} */ const accounts = {};
/** @type {Record<string, any>} */ const tickets = {};

const { visit } = deskTests({ fill });

/** @param {import("../harness/stack.js").Stack} stack */
async function fill(stack) {
  for (const vendor of /** @type {const} */ (["ALIBABA", "HUAWEI"])) accounts[vendor] = await addAccount(stack, vendor);
  accounts.TENCENT = await stack.api("POST", "/accounts", { body: stack.keysOf("TENCENT") });
  for (const [index, name] of NAMES.entries()) {
    const vendor = index % 2 ? "HUAWEI" : "ALIBABA";
    tickets[vendor] = await addTicket(stack, accounts[vendor], {
      name,
      description: "重启之后 SSH 一直超时 🙏\n\n```\nport 22: timeout\n```",
    });
    const content = vendor === "HUAWEI" ? ANSWER_HTML : ANSWER;
    const files = [{ name: "排查步骤.txt", content: { text: "1. 检查安全组" } }];
    if (index > 0) await stack.simulator(vendor, "reply", { ticket: tickets[vendor].cloud_id, content, files });
    await stack.api("GET", `/tickets/${tickets[vendor].id}/messages?refresh=true`);
  }
  tickets.closed = await addTicket(stack, accounts.ALIBABA, {
    name: "已解决：域名备案进度查询",
    description: "请问进度如何？",
  });
  await stack.simulator("ALIBABA", "reply", { ticket: tickets.closed.cloud_id, content: "已通过" });
  await stack.api("POST", `/tickets/${tickets.closed.id}/close`);
  await stack.until(
    () => stack.api("GET", `/tickets/${tickets.closed.id}`),
    (ticket) => ticket.state === "closed",
  );
  await stack.simulator("ALIBABA", "faults", { operation: "CreateTicket", times: 1, fault: "accept_then_hang" });
  tickets.unknown = await addTicket(stack, accounts.ALIBABA, { name: "结果未知的工单", description: "网络中断" });
  const form = await ticketBody(stack, accounts.HUAWEI);
  tickets.form = form;
}

/** Pages by the name of their picture: the address, and what is done until it looks as it should. */
const PAGES = /** @type {[string, () => string, (visit: Visit) => Promise<void>, VisitOptions?][]} */ ([
  ["sign-in", () => "/", ({ page, text }) => shows(page.getByLabel(text("session.key"))), { key: null }],
  [
    "tickets",
    () => "/tickets",
    async ({ page }) => {
      await shows(page.getByRole("link", { name: NAMES[0] }));
      await page.keyboard.press("j");
    },
  ],
  [
    "tickets-none",
    () => "/tickets?q=nothing+has+this+title",
    ({ page, text }) => shows(page.getByText(text("tickets.none"))),
  ],
  [
    "help",
    () => "/tickets",
    async ({ page, text }) => {
      await shows(page.getByRole("link", { name: NAMES[0] }));
      await page.keyboard.press("?");
      await shows(page.getByRole("dialog", { name: text("help.title") }));
    },
  ],
  ["ticket-alibaba", () => `/tickets/${tickets.ALIBABA.id}`, (visit) => shows(message(visit, "实例 ID"))],
  ["ticket-huawei", () => `/tickets/${tickets.HUAWEI.id}`, (visit) => shows(message(visit, "安全组"))],
  [
    "ticket-closed",
    () => `/tickets/${tickets.closed.id}`,
    async ({ page, text }) => {
      await page.getByRole("button", { name: text("ticket.verify") }).click();
      await shows(page.getByText(text("ticket.verified")));
    },
  ],
  [
    "ticket-unknown",
    () => `/tickets/${tickets.unknown.id}`,
    ({ page }) => shows(page.getByRole("heading", { level: 1 })),
  ],
  [
    "ticket-close",
    () => `/tickets/${tickets.ALIBABA.id}?do=close`,
    ({ page, text }) => shows(page.getByRole("dialog", { name: text("ticket.close_title") })),
  ],
  [
    "new",
    () => `/new?custom_id=${accounts.ALIBABA.id}`,
    ({ page, text }) => shows(page.getByLabel(text("new.description"))),
  ],
  [
    "new-filled",
    () => `/new?custom_id=${accounts.ALIBABA.id}`,
    async (visit) => {
      await fillTicket(visit, { name: "云服务器无法远程连接", description: "password=Hunter2-Hunter2 密码如上" });
      await visit.page.getByRole("button", { name: visit.text("new.submit") }).click();
      await shows(visit.page.getByRole("alertdialog"));
    },
  ],
  [
    "new-huawei",
    () => `/new?${new URLSearchParams(tickets.form)}`,
    async ({ page, text }) => {
      await shows(page.getByRole("heading", { name: text("new.section.contact") }));
      await page.getByRole("button", { name: text("new.submit") }).click();
      await shows(page.getByText(text("new.rule.required")));
    },
  ],
  [
    "numbers",
    () => "/numbers",
    async ({ page, text }) => {
      const volumes = page.getByRole("region", { name: text("numbers.volumes") });
      await shows(volumes.locator("canvas"));
      await volumes.locator("tbody tr").first().waitFor({ state: "attached" });
    },
  ],
  [
    "accounts",
    () => "/accounts",
    ({ page, text }) => shows(page.getByText(text("accounts.count", { count: 3, shown: 3 }))),
  ],
  [
    "account",
    () => `/accounts/${accounts.HUAWEI.id}`,
    ({ page, text }) => shows(page.getByRole("heading", { name: text("accounts.rights") })),
  ],
  [
    "register",
    () => "/accounts?do=register",
    ({ page, text }) => shows(page.getByRole("dialog", { name: text("accounts.register") })),
  ],
  ["catalog", () => "/catalog?q=ecs", ({ page }) => shows(page.getByText(/ECS/).first())],
  ["audit", () => "/audit", ({ page }) => shows(page.getByRole("table").getByRole("row").nth(2))],
  ["missing", () => "/nowhere", ({ page, text }) => shows(page.getByRole("heading", { name: text("page.missing") }))],
]);

/** Each pair of a language, a theme and a width is met by these. */
const LOOKS = /** @type {["en" | "zh", "light" | "dark", number][]} */ ([
  ["zh", "light", 1280],
  ["zh", "dark", 360],
  ["en", "dark", 1280],
  ["en", "light", 360],
]);
/** The others, for pictures only. */
const MORE_LOOKS = /** @type {typeof LOOKS} */ ([
  ["zh", "dark", 1280],
  ["zh", "light", 360],
  ["en", "light", 1280],
  ["en", "dark", 360],
]);

for (const [name, path, prepare, more] of PAGES) {
  test(`the page ${name}`, async (t) => {
    for (const [language, theme, width] of SCREENSHOTS ? [...LOOKS, ...MORE_LOOKS] : LOOKS) {
      const look = `${name}-${language}-${theme}-${width}`;
      const viewport = { width, height: width > 720 ? 800 : 740 };
      await t.test(look, () =>
        visit({ language, theme, viewport, path: path(), ...more }, async (one) => {
          await prepare(one);
          await assertLooks(one, look);
        }),
      );
    }
  });
}

/** @param {Visit} visit @param {string} look */
async function assertLooks({ page }, look) {
  // What moves is at its end: axe measures colours as they are seen.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  if (SCREENSHOTS) {
    await page.screenshot({ path: `${SCREENSHOTS}/${look}.png` });
    await page.screenshot({ path: `${SCREENSHOTS}/${look}-whole.png`, fullPage: true });
  }
  await assertNoSidewaysScroll(page, look);
  await assertAccessible(page, look);
}

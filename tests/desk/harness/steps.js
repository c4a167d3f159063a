// Steps of a person that several tests take.

import { shows } from "./desk.js";

/** @typedef {import("./desk.js").Visit} Visit */

/** How long the stack may take for what it does once a minute. */
export const A_MINUTE = 100_000;

/**
 * Chooses an entry of a field that searches.
 * @param {Visit} visit
 * @param {string} label
 * @param {string} words
 * @param {string | RegExp} name of the entry
 */
export async function search({ page, text }, label, words, name) {
  const field = page.getByRole("combobox", { name: label });
  await field.click();
  await field.fill(words);
  await page
    .getByRole("listbox", { name: text("new.combobox.list") })
    .getByRole("option", { name })
    .first()
    .click();
}

/**
 * Fills the form of a new ticket of Alibaba Cloud.
 * @param {Visit} visit
 * @param {{ name: string, description: string }} texts
 */
export async function fillTicket(visit, { name, description }) {
  const { page, text } = visit;
  await search(visit, text("new.product"), "yfwq", /云服务器 ECS/);
  await search(visit, text("new.problem_type"), "", /./);
  await page.getByLabel(text("new.name")).fill(name);
  await page.getByLabel(text("new.description")).fill(description);
}

/** Sends the form, and waits for the ticket's page. @param {Visit} visit @returns {Promise<string>} the ticket's id */
export async function sendTicket({ page, text }) {
  await page.getByRole("button", { name: text("new.submit") }).click();
  await page.waitForURL(/\/desk\/tickets\/[0-9A-Z]{26}$/);
  return new URL(page.url()).pathname.split("/")[3];
}

/** The messages of a conversation that have this text. @param {Visit} visit @param {string | RegExp} words */
export function message({ page, text }, words) {
  return page
    .getByRole("region", { name: text("ticket.conversation") })
    .getByRole("article")
    .filter({ hasText: words });
}

/** The field of a reply. @param {Visit} visit */
export const replyField = ({ page, text }) =>
  page.getByRole("form", { name: text("ticket.reply") }).getByRole("textbox");

/** Opens a ticket, and waits for its conversation. @param {Visit} visit @param {string} id */
export async function openTicket(visit, id) {
  const { page, stack, text } = visit;
  await page.goto(`${stack.origin}/desk/tickets/${id}`);
  await shows(page.getByRole("heading", { level: 2, name: text("ticket.conversation") }));
}

/**
 * Writes a reply and sends it; again where the ticket had changed since it was shown. What comes of it is the test's.
 * @param {Visit} visit
 * @param {string} words
 */
export async function sendReply(visit, words) {
  const { page, text } = visit;
  const form = page.getByRole("form", { name: text("ticket.reply") });
  const send = form.getByRole("button", { name: text("ticket.send"), exact: true });
  const stale = form.getByText(text("ticket.changed_meanwhile"));
  await replyField(visit).fill(words);
  for (let attempt = 0; attempt < 3; attempt++) {
    await send.click();
    // It takes as long as the vendor takes; then the button is back.
    await form.getByRole("button", { name: text("ticket.sending") }).waitFor({ state: "detached", timeout: 40_000 });
    if (!(await stale.isVisible())) return;
  }
}

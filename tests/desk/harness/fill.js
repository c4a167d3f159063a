// Accounts, catalogs and tickets for the tests that are not about them.

/** @typedef {import("./stack.js").Stack} Stack @typedef {import("./stack.js").Vendor} Vendor */

/**
 * Registers the account of a simulated vendor, and waits for its catalog.
 * @param {Stack} stack
 * @param {Vendor} vendor
 * @returns {Promise<any>}
 */
export async function addAccount(stack, vendor) {
  const account = await stack.api("POST", "/accounts", { body: stack.keysOf(vendor) });
  await catalogOf(stack, account.id);
  return account;
}

/** Waits for the refresh that the first account of a vendor starts. @param {Stack} stack @param {string} account */
export async function catalogOf(stack, account) {
  const run = () => stack.api("GET", `/catalog/refreshes/${account}`);
  const ended = await stack.until(run, (refresh) => refresh.end_time !== undefined);
  if (ended.state !== "complete") throw new Error(`The refresh is ${JSON.stringify(ended)}`);
}

/**
 * The fields of a ticket of this account about a problem that needs no more of them.
 * @param {Stack} stack
 * @param {any} account
 */
export async function ticketBody(stack, account) {
  const product =
    account.type === "ALIBABA" ? "7160" : (await stack.api("GET", "/catalog/products?type=HUAWEI&limit=1")).items[0].id;
  const types = await stack.api("GET", `/catalog/product-types?type=${account.type}&product_id=${product}&limit=50`);
  const type = types.items.find((/** @type {any} */ item) => item.case_kind === "general") ?? types.items[0];
  return { custom_id: account.id, product_id: product, product_business_id: type.id };
}

let made = 0;

/**
 * @param {Stack} stack
 * @param {any} account
 * @param {Record<string, unknown>} fields `name` and `description` at least
 * @returns {Promise<any>}
 */
export async function addTicket(stack, account, fields) {
  const body = { ...(await ticketBody(stack, account)), ...fields };
  return stack.api("POST", "/tickets", { body, key: `filled-${process.pid}-${made++}` });
}

// The page's files as they are in a folder now, in place of those in the program: for work on the page.

import { existsSync, readFileSync } from "node:fs";
import { extname, normalize } from "node:path";

import { WEB } from "./web.js";

const ASSETS = "/desk/assets/working-tree";
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** @param {string[]} origins */
function headers(origins) {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'none'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
    `connect-src 'self' ${origins.join(" ")}`;
  return { "content-security-policy": policy, "cache-control": "no-store" };
}

/**
 * @param {any} context of Playwright
 * @param {import("./stack.js").Stack} stack
 * @param {() => string[]} origins which the page may call besides the stack's
 */
export async function serveWorkingTree(context, stack, origins) {
  const isOfPage = (/** @type {URL} */ url) => url.origin === stack.origin && /^\/desk(\/|$)/.test(url.pathname);
  await context.route(isOfPage, (/** @type {any} */ route) => {
    const common = headers([stack.environment.AWS_ENDPOINT_URL_S3, ...origins()]);
    const { pathname } = new URL(route.request().url());
    if (pathname === "/desk/config.json") return route.continue();
    if (!pathname.startsWith(ASSETS)) {
      const body = readFileSync(`${WEB}/index.html`, "utf8").replaceAll("{assets}", ASSETS);
      return route.fulfill({ body, contentType: "text/html; charset=utf-8", headers: common });
    }
    const file = WEB + normalize(pathname.slice(ASSETS.length));
    if (!existsSync(file)) return route.fulfill({ status: 404, body: "", headers: common });
    return route.fulfill({
      body: readFileSync(file),
      contentType: `${TYPES[extname(file)]}; charset=utf-8`,
      headers: common,
    });
  });
}

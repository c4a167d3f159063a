// A small OpenID Connect issuer: one client, code flow with PKCE (RFC 7636), refresh tokens that are valid once.
//
// Its access tokens are put into the token file of the stack, so that the stack takes what the issuer gave.

import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const random = () => randomBytes(16).toString("base64url");
const base64url = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const inMarkup = (/** @type {string} */ text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
/** @param {string} body @returns {[number, string, string]} */
const html = (body) => [200, "text/html", `<!doctype html><title>Issuer</title>${body}`];
/** Not by the status 302: Playwright does not show its routes where a redirect leads. @param {string} url */
const leadTo = (url) => html(`<meta http-equiv="refresh" content="0;url=${inMarkup(url)}">`);

export class Issuer {
  clientId = "desk";
  /** @type {string} */ origin;
  /** The claims of the person who signs in. */
  claims = { sub: "ann", name: "Ann", scope: "read write admin", accounts: "*" };
  /** The scopes that the API sees, where the token has none of its own. @type {string | undefined} */ apiScope;
  /** What the API's scopes begin with; nothing where it wants none. @type {string | undefined} */ scopePrefix = "";
  /** Whether it can end its sessions. */
  endsSessions = true;
  /** Whether the answer to a refresh token says who the person is. */
  renewsId = true;
  /** How long the first access token is said to be valid. Those of a renewal are for an hour. */
  expiresInSeconds = 3600;
  /** Whether the person allows the sign-in. */
  allows = true;
  /** What it was asked, oldest first. @type {{ path: string, values: Record<string, string> }[]} */
  asked = [];
  /** @type {import("./stack.js").Stack} */ #stack;
  /** @type {import("node:http").Server} */ #server;
  #hasSession = false;
  /** @type {Map<string, Record<string, string>>} */ #codes = new Map();
  /** @type {Set<string>} */ #refreshTokens = new Set();

  /** @param {import("./stack.js").Stack} stack */
  static async start(stack) {
    const issuer = new Issuer();
    issuer.#stack = stack;
    issuer.#server = createServer((request, response) => issuer.#answer(request, response));
    await new Promise((resolve) => issuer.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const address = /** @type {import("node:net").AddressInfo} */ (issuer.#server.address());
    issuer.origin = `http://127.0.0.1:${address.port}`;
    return issuer;
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  get config() {
    return {
      mode: "oidc",
      issuer: this.origin,
      client_id: this.clientId,
      scope: "openid read write admin",
      scope_prefix: this.scopePrefix,
      version: "test",
    };
  }

  /** Ends the person's session at the issuer, and takes no refresh token any more. */
  forget() {
    this.#hasSession = false;
    this.#refreshTokens.clear();
  }

  /** What it was asked at a path. @param {string} path */
  askedAt(path) {
    return this.asked.filter((one) => one.path === path).map((one) => one.values);
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const url = new URL(request.url, this.origin);
    let body = "";
    for await (const part of request) body += part;
    const values = Object.fromEntries(body ? new URLSearchParams(body) : url.searchParams);
    this.asked.push({ path: url.pathname, values });
    const send = (/** @type {number} */ status, /** @type {string} */ type, /** @type {string} */ text, more = {}) =>
      response
        .writeHead(status, { "content-type": type, "access-control-allow-origin": this.#stack.origin, ...more })
        .end(text);
    const json = (/** @type {number} */ status, /** @type {unknown} */ answer) =>
      send(status, "application/json", JSON.stringify(answer), { "cache-control": "no-store" });
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return json(200, {
          issuer: this.origin,
          authorization_endpoint: `${this.origin}/authorize`,
          token_endpoint: `${this.origin}/token`,
          end_session_endpoint: this.endsSessions ? `${this.origin}/logout` : undefined,
        });
      case "/authorize":
        return send(...this.#authorize(values));
      case "/token": {
        const tokens = this.#tokens(values);
        return tokens ? json(200, tokens) : json(400, { error: "invalid_grant" });
      }
      case "/logout":
        this.forget();
        return send(...leadTo(values.post_logout_redirect_uri));
      default:
        return send(url.pathname === "/favicon.ico" ? 204 : 404, "text/plain", "");
    }
  }

  /** @param {Record<string, string>} values @returns {[number, string, string]} */
  #authorize(values) {
    const good =
      values.response_type === "code" &&
      values.client_id === this.clientId &&
      values.code_challenge_method === "S256" &&
      values.code_challenge?.length === 43 &&
      values.state?.length >= 32 &&
      values.redirect_uri === `${this.#stack.origin}/desk` &&
      values.scope?.split(" ").includes("openid");
    if (!good) return [400, "text/plain", `bad request: ${JSON.stringify(values)}`];
    const back = (/** @type {Record<string, string>} */ answer) => {
      const url = new URL(values.redirect_uri);
      for (const [name, value] of Object.entries({ ...answer, state: values.state })) url.searchParams.set(name, value);
      return url.href;
    };
    if (!this.allows) return leadTo(back({ error: "access_denied" }));
    if (values.prompt === "none" && !this.#hasSession) return leadTo(back({ error: "login_required" }));
    const code = random();
    this.#codes.set(code, values);
    if (values.prompt === "none") return leadTo(back({ code }));
    this.#hasSession = true;
    return html(`<a href="${inMarkup(back({ code }))}">Sign in as ${this.claims.name}</a>`);
  }

  /** @param {Record<string, string>} values */
  #tokens(values) {
    if (values.client_id !== this.clientId) return null;
    if (values.grant_type === "authorization_code") {
      const asked = this.#codes.get(values.code);
      this.#codes.delete(values.code);
      const challenge = createHash("sha256")
        .update(values.code_verifier ?? "")
        .digest("base64url");
      if (!asked || asked.code_challenge !== challenge || asked.redirect_uri !== values.redirect_uri) return null;
    } else if (values.grant_type !== "refresh_token" || !this.#refreshTokens.delete(values.refresh_token)) {
      return null;
    }
    const isRenewal = values.grant_type === "refresh_token";
    const token = (/** @type {object} */ claims) => `${base64url({ alg: "none" })}.${base64url(claims)}.`;
    const { sub, scope } = this.claims;
    const [access, refresh] = [token({ sub, scope, jti: random() }), random()];
    this.#refreshTokens.add(refresh);
    this.#stack.setTokens({ ...this.#stack.tokens, [access]: { ...this.claims, scope: this.apiScope ?? scope } });
    return {
      access_token: access,
      id_token: isRenewal && !this.renewsId ? undefined : token(this.claims),
      refresh_token: refresh,
      token_type: "Bearer",
      expires_in: isRenewal ? 3600 : this.expiresInSeconds,
      scope: this.claims.scope,
    };
  }
}

/**
 * Makes the page of a local stack one that signs in at the issuer, as the stack on AWS does: by its configuration, and
 * by the origin in its policy.
 * @param {any} context of Playwright
 * @param {import("./stack.js").Stack} stack
 * @param {Issuer} issuer
 */
export async function useIssuer(context, stack, issuer) {
  const isDocument = (/** @type {URL} */ url) =>
    url.origin === stack.origin && /^\/desk(\/|$)/.test(url.pathname) && !url.pathname.includes(".");
  await context.route(isDocument, async (/** @type {any} */ route) => {
    const policy = (/** @type {string} */ text) =>
      text.replace("connect-src 'self'", `connect-src 'self' ${issuer.origin}`);
    if (process.env.DESK_WEB) return route.fallback();
    const response = await route.fetch();
    const headers = response.headers();
    await route.fulfill({
      response,
      headers: { ...headers, "content-security-policy": policy(headers["content-security-policy"]) },
    });
  });
  await context.route(`${stack.origin}/desk/config.json`, (/** @type {any} */ route) =>
    route.fulfill({ json: issuer.config }),
  );
}

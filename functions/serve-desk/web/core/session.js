// Who is signed in. Tokens stay in memory; a new page asks the issuer again, which answers by its own session.

import { loadConfig } from "./config.js";
import { observable } from "./observable.js";
import * as oidc from "./oidc.js";

/**
 * `signed-out` waits for the person; `refused` says that the last token was not accepted.
 * @typedef {{ state: "starting" } | { state: "signed-out", refused?: boolean, error?: string } |
 *   { state: "signed-in", name: string, scopes: Set<string> | null }} Session
 */

/** @type {import("./observable.js").Observable<Session>} */
export const session = observable(/** @type {Session} */ ({ state: "starting" }));

/** @type {import("./config.js").DeskConfig} */
let config;
/** @type {oidc.Tokens | null} */
let tokens = null;
/** The renewal under way. @type {Promise<void> | null} */
let renewal = null;

const KEY_OF_THIS_TAB = "polydesk.access_key";

/** @param {import("./config.js").DeskConfig} loaded */
export async function startSession(loaded) {
  config = loaded;
  if (config.mode === "local") {
    takeKeyFromAddress();
    const key = sessionStorage.getItem(KEY_OF_THIS_TAB);
    if (key) await signInWithKey(key);
    else session.set({ state: "signed-out" });
    return;
  }
  try {
    tokens = await oidc.finishSignIn(config);
    if (tokens) session.set(signedInWith(tokens));
    else if (oidc.wasSignedIn()) await oidc.beginSignIn(config, { silent: true });
    else session.set({ state: "signed-out" });
  } catch (error) {
    session.set({ state: "signed-out", error: String(error instanceof Error ? error.message : error) });
  }
}

/** The key of a local stack comes behind `#`, which no server sees. */
function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("access_key");
  if (!key) return;
  sessionStorage.setItem(KEY_OF_THIS_TAB, key);
  history.replaceState(null, "", location.pathname + location.search);
}

/**
 * @param {string} name
 * @param {Set<string> | null} scopes
 * @returns {Session}
 */
function signedIn(name, scopes) {
  return { state: "signed-in", name, scopes };
}

/**
 * The key of a local stack, or a token of its file of tokens.
 * @param {string} key
 */
async function signInWithKey(key) {
  const known = await loadConfig(key);
  const caller = known.mode === "local" ? known.caller : undefined;
  if (!caller) {
    refused();
    return;
  }
  sessionStorage.setItem(KEY_OF_THIS_TAB, key);
  session.set(signedIn(caller.name ?? "", caller.scopes ? new Set(caller.scopes) : null));
}

/** @param {oidc.Tokens} tokens */
function signedInWith(tokens) {
  return signedIn(tokens.name, tokens.scopes);
}

/** Whether this is a stack on one machine, which has no issuer. */
export function isLocal() {
  return config?.mode === "local";
}

/** Goes to the issuer, or takes the key of a local stack.
 * @param {string} [key]
 */
export async function signIn(key) {
  if (config.mode === "oidc") await oidc.beginSignIn(config, { silent: false });
  else if (key) {
    await signInWithKey(key).catch((error) => session.set({ state: "signed-out", error: String(error) }));
  }
}

export async function signOut() {
  const before = tokens;
  tokens = null;
  sessionStorage.removeItem(KEY_OF_THIS_TAB);
  session.set({ state: "signed-out" });
  if (config.mode === "oidc") await oidc.endSession(config, before);
}

/**
 * The value of the header `Authorization`; renewed where it is about to end.
 * @returns {Promise<string | null>}
 */
export async function authorization() {
  if (config.mode === "local") {
    const key = sessionStorage.getItem(KEY_OF_THIS_TAB);
    return key && `Bearer ${key}`;
  }
  if (tokens && oidc.endsSoon(tokens)) {
    // Calls at the same time share one renewal: an issuer may take a refresh token once only.
    renewal ??= renew(config, tokens).finally(() => (renewal = null));
    await renewal;
  }
  return tokens && `Bearer ${tokens.access}`;
}

/**
 * @param {import("./config.js").OidcConfig} oidcConfig
 * @param {oidc.Tokens} before
 */
async function renew(oidcConfig, before) {
  // Where the issuer is not reached, the old token goes on, and the API decides.
  const renewed = await oidc.renew(oidcConfig, before).catch(() => null);
  // The person may have signed out meanwhile.
  if (!renewed || tokens !== before) return;
  tokens = renewed;
  session.set(signedInWith(renewed));
}

/** The API answered 401. What is typed stays on the page. */
export function refused() {
  tokens = null;
  sessionStorage.removeItem(KEY_OF_THIS_TAB);
  session.set({ state: "signed-out", refused: true });
}

/**
 * Whether the caller may call routes of a scope. Where the API wants none, or the token names none, the API decides.
 * @param {Session} current
 * @param {"read" | "write" | "admin"} scope
 */
export function allows(current, scope) {
  if (current.state !== "signed-in") return false;
  if (current.scopes === null) return true;
  const prefix = config.mode === "oidc" ? config.scope_prefix : "";
  return prefix === undefined || current.scopes.has(prefix + scope);
}

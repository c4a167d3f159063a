// Who is signed in. Tokens stay in memory; a new page asks the issuer again, which answers by its own session.

import { loadConfig } from "./config.js";
import { observable } from "./observable.js";
import * as oidc from "./oidc.js";
import { BASE } from "./router.js";

/**
 * What failed, with the key of its text.
 * @typedef {{ text: "session.failed" | "session.sign_out_failed", reason: string }} SessionFailure
 */

/**
 * `signed-out` waits for the person; `refused` says that the last token was not accepted, so that what the person does
 * goes on after signing in again. `owner` is whose drafts are shown.
 * @typedef {{ state: "starting" } | { state: "signed-out", refused?: boolean, failure?: SessionFailure } |
 *   { state: "signed-in", name: string, owner: string, scopes: Set<string> | null }} Session
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

/** Whose page this is: who signed in last. @type {string | null} */
let owner = null;

/** Whose drafts are stored and shown; it stays while the person signs in again. */
export function currentOwner() {
  return owner ?? "";
}

/**
 * @param {SessionFailure["text"]} text
 * @param {unknown} error
 */
export function failed(text, error) {
  const now = session.get();
  const reason = String(error instanceof Error ? error.message : error);
  // A page in use stays, also where signing in again fails.
  session.set({ state: "signed-out", refused: now.state === "signed-out" && now.refused, failure: { text, reason } });
}

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
    failed("session.failed", error);
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
 * @param {string} id of the person
 * @param {Set<string> | null} scopes
 * @returns {Session}
 */
function signedIn(name, id, scopes) {
  owner = id;
  return { state: "signed-in", name, owner, scopes };
}

/**
 * The key of a local stack, or a token of its file of tokens.
 * @param {string} key
 */
async function signInWithKey(key) {
  const known = await loadConfig(key);
  const caller = known.mode === "local" ? known.caller : undefined;
  if (!caller) {
    sessionStorage.removeItem(KEY_OF_THIS_TAB);
    session.set({ state: "signed-out", refused: true });
    return;
  }
  sessionStorage.setItem(KEY_OF_THIS_TAB, key);
  const name = caller.name ?? "";
  // What is on the screen is another person's.
  if (owner !== null && owner !== name) location.assign(BASE);
  else session.set(signedIn(name, name, caller.scopes ? new Set(caller.scopes) : null));
}

/** @param {oidc.Tokens} tokens */
function signedInWith(tokens) {
  return signedIn(tokens.name, tokens.subject, tokens.scopes);
}

/** Whether this is a stack on one machine, which has no issuer. */
export function isLocal() {
  return config?.mode === "local";
}

/** Goes to the issuer, or takes the key of a local stack.
 * @param {string} [key]
 */
export async function signIn(key) {
  try {
    if (config.mode === "oidc") await oidc.beginSignIn(config, { silent: false });
    else if (key) await signInWithKey(key);
  } catch (error) {
    failed("session.failed", error);
  }
}

export async function signOut() {
  const before = tokens;
  tokens = null;
  sessionStorage.removeItem(KEY_OF_THIS_TAB);
  session.set({ state: "signed-out" });
  try {
    // A new page: nothing of what was read stays in this one.
    if (config.mode !== "oidc" || !(await oidc.endSession(config, before))) location.assign(BASE);
  } catch (error) {
    failed("session.sign_out_failed", error);
  }
}

/** The value of the header `Authorization` as it is now. */
function inUse() {
  const token = config.mode === "local" ? sessionStorage.getItem(KEY_OF_THIS_TAB) : tokens?.access;
  return token ? `Bearer ${token}` : null;
}

/**
 * The value of the header `Authorization`; renewed where it is about to end.
 * @returns {Promise<string | null>}
 */
export async function authorization() {
  if (config.mode === "oidc" && tokens && oidc.endsSoon(tokens)) {
    // Calls at the same time share one renewal: an issuer may take a refresh token once only.
    renewal ??= renew(config, tokens).finally(() => (renewal = null));
    await renewal;
  }
  return inUse();
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

/**
 * The API answered 401. What is typed stays on the page.
 * @param {string | null} used the value of `Authorization` that was sent: another may be in use by now
 */
export function refused(used) {
  if (session.get().state !== "signed-in" || used !== inUse()) return;
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

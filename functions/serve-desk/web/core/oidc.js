// OpenID Connect: the code flow with PKCE (RFC 7636) against the stack's issuer.

import { BASE, go } from "./router.js";

/**
 * @typedef {import("./config.js").OidcConfig} OidcConfig
 * @typedef {{ access: string, refresh: string | null, id: string | null, expires: number, name: string,
 *   subject: string, scopes: Set<string> | null }} Tokens
 *   `expires` is in Unix milliseconds; `subject` identifies the person; `scopes` nothing where the token has none
 * @typedef {{ authorization_endpoint: string, token_endpoint: string, end_session_endpoint?: string }} Provider
 */

/** A token is renewed when less than this is left of it. */
const RENEW_BEFORE_MS = 60_000;

/** What must outlive the way to the issuer and back. */
const PENDING = "polydesk.sign_in";
const WAS_SIGNED_IN = "polydesk.signed_in";

/** What an issuer adds to the address, of which nothing may stay: it would be taken for filters. */
const OF_THE_ISSUER = ["code", "state", "error", "error_description", "error_uri", "iss", "session_state"];

/** @type {Promise<Provider> | null} */
let discovered = null;

/**
 * @param {OidcConfig} config
 * @returns {Promise<Provider>}
 */
function provider(config) {
  discovered ??= (async () => {
    const response = await fetch(`${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    if (!response.ok) throw new Error(`openid-configuration: ${response.status}`);
    return response.json();
  })();
  discovered.catch(() => (discovered = null));
  return discovered;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function redirectUri() {
  return location.origin + BASE;
}

export function wasSignedIn() {
  return sessionStorage.getItem(WAS_SIGNED_IN) !== null;
}

/**
 * Leaves the page for the issuer.
 * @param {OidcConfig} config
 * @param {{ silent: boolean }} options `silent`: the issuer asks the person nothing
 */
export async function beginSignIn(config, { silent }) {
  const { authorization_endpoint } = await provider(config);
  const [state, verifier] = [randomText(), randomText()];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const back = location.pathname + location.search;
  sessionStorage.setItem(PENDING, JSON.stringify({ state, verifier, back }));
  const request = new URL(authorization_endpoint);
  const values = {
    response_type: "code",
    client_id: config.client_id,
    redirect_uri: redirectUri(),
    scope: config.scope,
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
    ...(silent ? { prompt: "none" } : {}),
  };
  for (const [name, value] of Object.entries(values)) request.searchParams.set(name, value);
  location.assign(request);
}

/**
 * The tokens, where the issuer has just sent the person back with a code.
 * @param {OidcConfig} config
 * @returns {Promise<Tokens | null>}
 */
export async function finishSignIn(config) {
  const answer = new URLSearchParams(location.search);
  // A filter of the list is called `state`, too.
  const isAnswer = [BASE, `${BASE}/`].includes(location.pathname) && (answer.has("code") || answer.has("error"));
  if (!isAnswer) return null;
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  sessionStorage.removeItem(PENDING);
  const rest = new URLSearchParams(answer);
  for (const name of OF_THE_ISSUER) rest.delete(name);
  const back = pending?.back ?? location.pathname + (rest.size ? `?${rest}` : "");
  go(back.slice(BASE.length), { replace: true });
  if (!pending) return null;
  if (answer.get("state") !== pending.state) throw new Error("state");
  const [code, error] = [answer.get("code"), answer.get("error")];
  if (!code) {
    sessionStorage.removeItem(WAS_SIGNED_IN);
    // The issuer has no session of this person any more.
    if (error === "login_required" || error === "interaction_required") return null;
    throw new Error(error ?? "code");
  }
  const tokens = await askForTokens(config, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
  });
  if (!tokens) throw new Error("token");
  sessionStorage.setItem(WAS_SIGNED_IN, "1");
  return tokens;
}

/**
 * @param {OidcConfig} config
 * @param {Record<string, string>} values
 * @returns {Promise<Tokens | null>} nothing where the issuer refuses
 */
async function askForTokens(config, values) {
  const { token_endpoint } = await provider(config);
  const body = new URLSearchParams({ ...values, client_id: config.client_id });
  const response = await fetch(token_endpoint, { method: "POST", body });
  if (!response.ok) return null;
  const answer = await response.json();
  const ofAccess = claimsOf(answer.access_token);
  const claims = { ...ofAccess, ...claimsOf(answer.id_token) };
  const scope = answer.scope ?? ofAccess.scope ?? ofAccess.scp;
  const scopes = Array.isArray(scope) ? scope : typeof scope === "string" ? scope.split(" ") : null;
  return {
    access: answer.access_token,
    refresh: answer.refresh_token ?? values.refresh_token ?? null,
    id: answer.id_token ?? null,
    expires: Date.now() + Number(answer.expires_in ?? 300) * 1000,
    name: String(claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub ?? ""),
    subject: String(claims.sub ?? ""),
    scopes: scopes && new Set(scopes),
  };
}

/**
 * The claims of a JWT, unverified: for what is shown only. The API verifies.
 * @param {unknown} token
 * @returns {Record<string, any>}
 */
function claimsOf(token) {
  try {
    const payload = String(token).split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

/** @param {Tokens} tokens */
export function endsSoon(tokens) {
  return tokens.expires - Date.now() < RENEW_BEFORE_MS;
}

/**
 * New tokens for the old; nothing where the issuer gave none for that, or refuses.
 * @param {OidcConfig} config
 * @param {Tokens} tokens
 */
export async function renew(config, tokens) {
  if (!tokens.refresh) return null;
  const renewed = await askForTokens(config, { grant_type: "refresh_token", refresh_token: tokens.refresh });
  if (!renewed) return null;
  // The answer need not say again who it is, and nobody else is it.
  const { name, subject } = tokens;
  return { ...renewed, id: renewed.id ?? tokens.id, scopes: renewed.scopes ?? tokens.scopes, name, subject };
}

/**
 * Leaves the page for the issuer, which ends its session; `false` where it can't.
 * @param {OidcConfig} config
 * @param {Tokens | null} tokens
 */
export async function endSession(config, tokens) {
  sessionStorage.removeItem(WAS_SIGNED_IN);
  const { end_session_endpoint } = await provider(config);
  if (!end_session_endpoint) return false;
  const request = new URL(end_session_endpoint);
  if (tokens?.id) request.searchParams.set("id_token_hint", tokens.id);
  request.searchParams.set("client_id", config.client_id);
  request.searchParams.set("post_logout_redirect_uri", redirectUri());
  location.assign(request);
  return true;
}

// What the stack tells the page about itself.

/**
 * @typedef {{ mode: "local", version: string, caller?: { name?: string, scopes?: string[] } }} LocalConfig
 * @typedef {{ mode: "oidc", issuer: string, client_id: string, scope: string, scope_prefix?: string,
 *   version: string }} OidcConfig
 * @typedef {LocalConfig | OidcConfig} DeskConfig
 */

/**
 * @param {string} [key] of a local stack, which then says whose it is
 * @returns {Promise<DeskConfig>}
 */
export async function loadConfig(key) {
  /** @type {Record<string, string>} */
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  const response = await fetch("/desk/config.json", { cache: "no-cache", headers });
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return response.json();
}

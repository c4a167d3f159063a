// What the stack tells the page about itself.

/**
 * @typedef {{ mode: "local", version: string }} LocalConfig
 * @typedef {{ mode: "oidc", issuer: string, client_id: string, scope: string, scope_prefix?: string,
 *   version: string }} OidcConfig
 * @typedef {LocalConfig | OidcConfig} DeskConfig
 */

/** @returns {Promise<DeskConfig>} */
export async function loadConfig() {
  const response = await fetch("/desk/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return response.json();
}

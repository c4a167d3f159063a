// Files of the API: fetched with the caller's authorization, then given to the person or shown as a picture.

import { ApiError, NoAnswer, connection, errorOf } from "../core/api.js";
import { authorization } from "../core/session.js";
import { plainName } from "./file_name.js";

/**
 * The bytes behind a route that redirects to a link of some minutes.
 * @param {string} path
 * @returns {Promise<Blob>}
 * @throws {ApiError | NoAnswer}
 */
export async function fetchFile(path) {
  const token = await authorization();
  let response;
  try {
    response = await fetch(path, { headers: token ? { authorization: token } : {}, cache: "no-store" });
    if (response.ok) return await response.blob();
  } catch (error) {
    if (!navigator.onLine) connection.set("offline");
    throw new NoAnswer(String(error));
  }
  if (response.redirected) throw new ApiError({ status: response.status, code: "file_link_refused" });
  throw errorOf(response, await response.json().catch(() => null), token);
}

/**
 * Saves the bytes as a file. Its type is none that the browser would open as a page of this address.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = plainName(name) || "file";
  link.click();
  // The browser reads the bytes after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The first bytes of the images that are shown. @type {[string, number, number[]][]} */
const IMAGES = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
];

/** Whether the name is that of an image that can be shown. SVG is none: it is a document. @param {string} name */
export function looksLikeImage(name) {
  return /\.(png|jpe?g|gif|webp)$/i.test(name);
}

/**
 * The bytes as an image, by what they are and not by what they are called; nothing where they are none.
 * @param {Blob} blob
 * @returns {Promise<Blob | null>}
 */
export async function asImage(blob) {
  const head = new Uint8Array(await blob.slice(0, 16).arrayBuffer());
  const found = IMAGES.find(([, from, bytes]) => bytes.every((byte, index) => head[from + index] === byte));
  return found ? new Blob([blob], { type: found[0] }) : null;
}

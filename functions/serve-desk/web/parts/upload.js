// Files on their way to the bucket: announced, then put to the link that the answer gives.

import { call, NoAnswer } from "../core/api.js";

/** An upload's id is valid for a day: it is not used again shortly before that. */
const VALID_MS = 23 * 3_600_000;

/** Larger files are announced without their SHA-256, which needs all their bytes in memory. */
const MOST_BYTES_TO_HASH = 256 << 20;

const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/;

/** What was uploaded, by the file itself: a repetition names the same ids and sends nothing twice. */
const uploads = /** @type {WeakMap<File, { id: string, until: number }>} */ (new WeakMap());

/** The link did not take the file. Nothing was sent to a vendor. */
export class UploadFailed extends Error {
  /** @param {File} file @param {number} status 0 without an answer */
  constructor(file, status) {
    super(file.name);
    this.file = file;
    this.status = status;
  }
}

/**
 * Uploads the files that are not uploaded yet, one after the other.
 * @param {File[]} files
 * @param {(done: number, file: File) => void} [onProgress] `done` of all bytes, from 0 to 1
 * @returns {Promise<string[]>} the ids for `attachments`, in the order of the files
 * @throws {import("../core/api.js").ApiError | NoAnswer | UploadFailed}
 */
export async function uploadAll(files, onProgress = () => {}) {
  const total = files.reduce((bytes, file) => bytes + file.size, 0);
  const ids = [];
  let before = 0;
  for (const file of files) {
    const known = uploads.get(file);
    if (known && known.until > Date.now()) ids.push(known.id);
    else {
      onProgress(before / total, file);
      const id = await upload(file, (sent) => onProgress((before + sent) / total, file));
      uploads.set(file, { id, until: Date.now() + VALID_MS });
      ids.push(id);
    }
    before += file.size;
    onProgress(before / total, file);
  }
  return ids;
}

/** @param {File} file @param {(sent: number) => void} onSent */
async function upload(file, onSent) {
  let sha256;
  try {
    if (file.size <= MOST_BYTES_TO_HASH && crypto.subtle) {
      sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    }
  } catch {
    // It was moved or changed since it was chosen.
    throw new UploadFailed(file, 0);
  }
  const type = MEDIA_TYPE.test(file.type) && file.type.length <= 100 ? file.type : undefined;
  const { body } = await call("POST", "/attachments", { body: { name: file.name, size: file.size, type, sha256 } });
  await put(file, body.upload_url, body.headers, onSent);
  return body.id;
}

/** @param {ArrayBuffer} bytes */
function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * By `XMLHttpRequest`, which tells how far it has come.
 * @param {File} file
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {(sent: number) => void} onSent
 * @returns {Promise<void>}
 */
function put(file, url, headers, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser itself says the length, and lets nobody else do so.
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => (request.status < 300 ? resolve() : reject(new UploadFailed(file, request.status)));
    request.onerror = () => reject(navigator.onLine ? new UploadFailed(file, 0) : new NoAnswer("upload"));
    request.send(file);
  });
}

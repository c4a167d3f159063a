// Choosing files: by a button, by dropping, by pasting; with what the vendor takes.

import { explain } from "../core/problems.js";
import { size } from "../core/format.js";
import { html, useEffect, useId, useRef, useState } from "../core/html.js";
import { text, useTexts } from "../core/texts.js";
import { plainName } from "./file_name.js";
import { UploadFailed } from "./upload.js";

export { UploadFailed, uploadAll } from "./upload.js";

/** @typedef {{ max: number, maxBytes?: number, types?: string[] }} FileLimits */

/** Images that a browser shows and that run nothing. */
const SHOWN_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/**
 * What the vendor takes, by its capability in `GET /vendors`; nothing where it takes no files.
 * @param {any} capability
 * @param {"ticket" | "reply"} where
 * @returns {FileLimits | null}
 */
export function limitsOf(capability, where) {
  const files = capability?.files;
  if (!files) return null;
  return {
    max: where === "ticket" ? files.max_per_ticket : files.max_per_reply,
    maxBytes: files.max_bytes,
    types: files.types,
  };
}

/**
 * What stands against each file, in the files' order; nothing where it is fine.
 * @param {File[]} files
 * @param {FileLimits} limits
 * @returns {(string | null)[]}
 */
export function fileProblems(files, limits) {
  return files.map((file, index) => {
    const ending = file.name.includes(".") ? file.name.slice(file.name.lastIndexOf(".") + 1).toLowerCase() : "";
    if (index >= limits.max) return text("files.too_many", { count: limits.max });
    if (file.size === 0) return text("files.empty");
    const { maxBytes, types } = limits;
    if (maxBytes !== undefined && file.size > maxBytes) return text("files.too_large", { most: size(maxBytes) });
    if (types && !types.includes(ending)) return text("files.type_refused", { types: types.join(", ") });
    if (file.name.length > 255 || /[\x00-\x1f\x7f-\x9f/\\]/.test(file.name)) return text("files.name_refused");
    return null;
  });
}

/**
 * What a failed `uploadAll`, or a request with its files, says to a person.
 * @param {unknown} error
 */
export function explainUpload(error) {
  if (!(error instanceof UploadFailed)) return explain(error);
  const name = plainName(error.file.name);
  return error.status ? text("files.put_refused", { name, status: error.status }) : text("files.put_failed", { name });
}

/**
 * Files of a paste or a drop. A pasted picture has a name that says nothing.
 * @param {DataTransfer | null} data
 */
function filesIn(data) {
  return [...(data?.files ?? [])].map((file, index) => {
    if (!/^image\.(png|jpe?g)$/.test(file.name)) return file;
    const moment = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    const ending = file.name.split(".")[1];
    return new File([file], `screenshot-${moment}${index ? `-${index}` : ""}.${ending}`, { type: file.type });
  });
}

/**
 * Where files can be dropped and pasted, around the fields of a form.
 * @param {{ onFiles: (files: File[]) => void, disabled?: boolean, children?: any }} props
 */
export function FileDrop({ onFiles, disabled = false, children }) {
  const translated = useTexts();
  const [over, setOver] = useState(false);
  /** @param {DataTransfer | null} data */
  const hasFiles = (data) => !disabled && [...(data?.types ?? [])].includes("Files");
  return html`<div class="file-drop" data-over=${over ? "" : undefined}
    onDragOver=${/** @param {DragEvent} event */ (event) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      setOver(true);
    }}
    onDragLeave=${/** @param {DragEvent} event */ (event) => {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || !(/** @type {Node} */ (event.currentTarget).contains(to))) setOver(false);
    }}
    onDrop=${/** @param {DragEvent} event */ (event) => {
      setOver(false);
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      onFiles(filesIn(event.dataTransfer));
    }}
    onPaste=${/** @param {ClipboardEvent} event */ (event) => {
      const files = disabled ? [] : filesIn(event.clipboardData);
      // A copied table has a picture beside its text: then the text is meant.
      if (files.length === 0 || event.clipboardData?.getData("text/plain")) return;
      event.preventDefault();
      onFiles(files);
    }}>
    ${children}
    ${over && html`<p class="drop-here" aria-hidden="true">${translated("files.drop_here")}</p>`}
  </div>`;
}

/**
 * The chosen files with a button for more.
 * @param {{ files: File[], onChange: (files: File[]) => void, limits: FileLimits, disabled?: boolean,
 *   progress?: { done: number, file: File } | null }} props
 */
export function FilePicker({ files, onChange, limits, disabled = false, progress = null }) {
  const translated = useTexts();
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const hint = useId();
  const problems = fileProblems(files, limits);
  const add = /** @param {Event} event */ (event) => {
    const chosen = /** @type {HTMLInputElement} */ (event.currentTarget);
    onChange([...files, ...(chosen.files ?? [])]);
    chosen.value = "";
  };
  const most = { count: limits.max, size: limits.maxBytes === undefined ? "" : size(limits.maxBytes) };
  return html`<div class="files">
    ${files.length > 0 && html`<ul class="file-list" aria-label=${translated("files.chosen")}>
      ${files.map((file, index) => html`<${ChosenFile} key=${file} file=${file} problem=${problems[index]}
        disabled=${disabled} onRemove=${() => {
          onChange(files.filter((other) => other !== file));
          input.current?.parentElement?.querySelector("button")?.focus();
        }} />`)}
    </ul>`}
    <div class="add">
      <input ref=${input} type="file" multiple hidden onChange=${add}
        accept=${limits.types?.map((ending) => `.${ending}`).join(",")} />
      <button type="button" disabled=${disabled} aria-describedby=${hint} onClick=${() => input.current?.click()}>
        ${translated("files.add")}
      </button>
      <span id=${hint} class="hint">
        ${translated(limits.maxBytes === undefined ? "files.hint" : "files.hint_size", most)}
      </span>
    </div>
    ${progress && html`<p class="uploading" role="status">
      <progress max="1" value=${progress.done} aria-label=${translated("files.uploading_label")}></progress>
      ${translated("files.uploading", { name: plainName(progress.file.name) })}
    </p>`}
  </div>`;
}

/** @param {{ file: File, problem: string | null, disabled: boolean, onRemove: () => void }} props */
function ChosenFile({ file, problem, disabled, onRemove }) {
  const translated = useTexts();
  const preview = useObjectUrl(SHOWN_TYPES.includes(file.type) ? file : null);
  const name = plainName(file.name);
  return html`<li class="file" data-invalid=${problem ? "" : undefined}>
    ${preview && html`<img src=${preview} alt="" />`}
    <span class="name"><bdi>${name}</bdi> <span class="hint">${size(file.size)}</span>
      ${problem && html`<span class="error" role="alert">${problem}</span>`}
    </span>
    <button type="button" class="quiet" disabled=${disabled} aria-label=${translated("files.remove", { name })}
      onClick=${onRemove}>×</button>
  </li>`;
}

/**
 * An address of the bytes within this page, as long as the component is shown.
 * @param {Blob | null} blob
 */
export function useObjectUrl(blob) {
  const [url, setUrl] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (!blob) return setUrl(null);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

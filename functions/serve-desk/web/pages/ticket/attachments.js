// The files of a message: how far their copies have come, saving them, and pictures of images.

import { size } from "../../core/format.js";
import { html, useCallback, useEffect, useState } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { asImage, fetchFile, looksLikeImage, save } from "../../parts/download.js";
import { ErrorWords } from "../../parts/failure.js";
import { plainName } from "../../parts/file_name.js";
import { useObjectUrl } from "../../parts/files.js";

/** Images up to this are shown by themselves; larger ones, up to the other limit, on demand. */
const SHOWN_BYTES = 400 << 10;
const MOST_BYTES = 20 << 20;

/** @param {{ ticketId: string, attachments: any[], unreadable?: number }} props */
export function Attachments({ ticketId, attachments, unreadable = 0 }) {
  const text = useTexts();
  return html`
    ${attachments.length > 0 && html`<ul class="attachments" aria-label=${text("ticket.files")}>
      ${attachments.map((file) => html`<${Attachment} key=${file.attachment_id} ticketId=${ticketId} file=${file} />`)}
    </ul>`}
    ${unreadable > 0 && html`<p class="hint">${text("ticket.files_unreadable", { count: unreadable })}</p>`}
  `;
}

/** @param {{ ticketId: string, file: any }} props */
function Attachment({ ticketId, file }) {
  const text = useTexts();
  const [busy, setBusy] = useState(/** @type {"" | "save" | "show"} */ (""));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const [image, setImage] = useState(/** @type {Blob | null} */ (null));
  const [isNoImage, setIsNoImage] = useState(false);
  const picture = useObjectUrl(image);
  const name = plainName(file.name);
  const path = `/tickets/${encodeURIComponent(ticketId)}/attachments/${encodeURIComponent(file.attachment_id)}`;
  const isStored = file.state === "stored";
  const canShow = isStored && !isNoImage && looksLikeImage(file.name) && file.size <= MOST_BYTES;

  const load = useCallback(async (/** @type {"save" | "show"} */ purpose, asked = true) => {
    setBusy(purpose);
    setError(null);
    try {
      const blob = await fetchFile(path);
      if (purpose === "save") save(blob, file.name);
      else {
        const found = await asImage(blob);
        if (found) setImage(found);
        else setIsNoImage(true);
      }
    } catch (failure) {
      // What nobody asked for fails silently: the button is still there.
      if (asked) setError(failure);
    }
    setBusy("");
  }, [path, file.name]);
  useEffect(() => {
    if (canShow && file.size <= SHOWN_BYTES) load("show", false);
  }, [canShow, load]);

  return html`<li class="attachment" data-state=${file.state ?? "listed"}>
    <span class="name"><bdi>${name}</bdi></span>
    ${file.size !== undefined && html`<span class="hint">${size(file.size)}</span>`}
    ${!isStored && html`<span class="state">${text(`ticket.file_${file.state ?? "listed"}`)}</span>`}
    ${isStored && html`<button type="button" class="small" disabled=${busy !== ""} onClick=${() => load("save")}
      aria-label=${text("ticket.file_save_named", { name })}>
      ${busy === "save" ? text("ticket.file_loading") : text("ticket.file_save")}
    </button>`}
    ${canShow && !image && html`<button type="button" class="small" disabled=${busy !== ""}
      onClick=${() => load("show")} aria-label=${text("ticket.file_show_named", { name })}>
      ${busy === "show" ? text("ticket.file_loading") : text("ticket.file_show")}
    </button>`}
    ${isNoImage && html`<span class="hint">${text("ticket.file_no_image")}</span>`}
    ${Boolean(error) && html`<p class="error" role="alert"><${ErrorWords} error=${error} /></p>`}
    ${picture && html`<div class="preview"><img src=${picture} alt=${name} /></div>`}
  </li>`;
}

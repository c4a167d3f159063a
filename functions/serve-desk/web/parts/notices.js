// Short messages about what was done, and the live region that reads them out.

import { html } from "../core/html.js";
import { observable, useObservable } from "../core/observable.js";
import { useTexts } from "../core/texts.js";

/** How long a message is shown. Failures stay until they are closed. */
const SHOWN_MS = 6_000;

/** @typedef {{ id: number, kind: "done" | "failed", message: string }} Notice */

/** @type {import("../core/observable.js").Observable<Notice[]>} */
const notices = observable(/** @type {Notice[]} */ ([]));
let next = 1;

/** @param {number} id */
function close(id) {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}

/**
 * @param {"done" | "failed"} kind
 * @param {string} message
 */
export function notify(kind, message) {
  const id = next++;
  notices.set([...notices.get().slice(-3), { id, kind, message }]);
  if (kind === "done") setTimeout(() => close(id), SHOWN_MS);
}

export function Notices() {
  const text = useTexts();
  return html`<div class="notices" role="status" aria-live="polite">
    ${useObservable(notices).map(
      (notice) => html`<div key=${notice.id} class="notice" data-kind=${notice.kind}>
        <p>${notice.message}</p>
        <button type="button" class="quiet" aria-label=${text("action.dismiss")} onClick=${() => close(notice.id)}>×</button>
      </div>`,
    )}
  </div>`;
}

// Which draft is open, and the others that can be gone on with.

import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Time } from "../../parts/time.js";

/**
 * @param {{ state: import("./draft_state.js").DraftState, canLeave: boolean }} props `canLeave`: nothing of it is under
 *   way
 */
export function DraftsPanel({ state, canLeave }) {
  const text = useTexts();
  const { restored, draft, others } = state;
  return html`
    ${
      restored &&
      canLeave &&
      html`<div class="restored" role="status">
      <p>${text("new.draft.restored")} <${Time} ms=${draft.time} /> · ${text("new.draft.not_kept")}</p>
      <div class="actions">
        <button type="button" class="quiet" onClick=${state.setAside}>${text("new.draft.another")}</button>
        <button type="button" onClick=${state.discard}>${text("new.draft.discard")}</button>
      </div>
    </div>`
    }
    ${
      others.length > 0 &&
      html`<details class="drafts">
      <summary>${text("new.drafts", { count: others.length })}</summary>
      <ul>
        ${others.map(
          (other) => html`<li key=${other.id}>
            <span class="what"><bdi>${other.values.name || text("new.draft.untitled")}</bdi>
              ${other.sent && html`<span class="badge state" data-state="unknown">${text("state.unknown")}</span>`}
                ${" "}<${Time} ms=${other.time} relative /></span>
            <button type="button" disabled=${!canLeave} onClick=${() => state.open(other.id)}>
              ${text("new.draft.open")}</button>
            ${!other.sent && html`<button type="button" class="quiet" onClick=${() => state.remove(other.id)}>
              ${text("new.draft.discard")}</button>`}
          </li>`,
        )}
      </ul>
    </details>`
    }`;
}

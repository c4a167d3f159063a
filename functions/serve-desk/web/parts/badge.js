// Small marks: a vendor, a ticket's state, whom it waits for.

import { html } from "../core/html.js";
import { useTexts } from "../core/texts.js";

/** @param {{ vendor: string }} props */
export function VendorBadge({ vendor }) {
  const text = useTexts();
  return html`<span class="badge vendor" data-vendor=${vendor}>${text(`vendor.${vendor}`)}</span>`;
}

/** @param {{ ticket: { state: string, awaiting?: string } }} props */
export function StateBadge({ ticket }) {
  const text = useTexts();
  const state = ticket.state === "open" && ticket.awaiting ? `awaiting_${ticket.awaiting}` : ticket.state;
  return html`<span class="badge state" data-state=${state}>${text(`state.${state}`)}</span>`;
}

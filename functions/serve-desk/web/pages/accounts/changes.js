// What changes an account: new keys, the adoption of console tickets, its removal.

import { ApiError, call, withQuery } from "../../core/api.js";
import { exactTime, number } from "../../core/format.js";
import { html, useEffect } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";
import { fieldErrors } from "../../core/problems.js";
import { address, go } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { Dialog } from "../../parts/dialog.js";
import { Link } from "../../parts/link.js";
import { notify } from "../../parts/notices.js";
import { KeyFields, showFailure, useKeyInputs } from "./key_fields.js";
import { WriteFailure } from "./write_failure.js";
import { changeSeen, useWrite } from "./write.js";

/** @param {{ account: any, onClose: () => void, refresh: () => void }} props */
export function RotateDialog({ account, onClose, refresh }) {
  const text = useTexts();
  const keys = useKeyInputs();
  const write = useWrite();
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (write.busy) return;
    const done = await write.run(async () => {
      try {
        return await call("PUT", `/accounts/${encodeURIComponent(account.id)}/keys`, { body: keys.read() });
      } finally {
        keys.clear();
      }
    });
    refresh();
    if (!done) return showFailure(keys);
    notify("done", text("accounts.rotated"));
    onClose();
  };
  return html`<${Dialog} title=${text("accounts.rotate")} onClose=${() => write.busy || onClose()}>
    <form onSubmit=${submit} class="account-form">
      <p>${text("accounts.rotate_about")}</p>
      <${KeyFields} inputs=${keys} vendor=${account.type} busy=${write.busy}
        errors=${fieldErrors(write.error)} focused />
      ${Boolean(write.error) && html`<${WriteFailure} error=${write.error}><p>${text("accounts.keys_cleared")}</p><//>`}
      <div class="actions">
        <button type="button" disabled=${write.busy} onClick=${onClose}>${text("action.cancel")}</button>
        <button type="submit" class="primary" disabled=${write.busy}>
          ${write.busy ? text("accounts.checking_keys") : text("accounts.rotate_now")}
        </button>
      </div>
    </form>
  <//>`;
}

/** @param {{ account: any, mayChange: boolean, isPossible: boolean, refresh: () => void }} props */
export function AdoptionPanel({ account, mayChange, isPossible, refresh }) {
  const text = useTexts();
  const write = useWrite();
  const isOn = account.adopt_since !== undefined;
  // What was not known is seen now.
  useEffect(write.clear, [account.adopt_since]);
  const change = async () => {
    const adopt = !isOn;
    const done = await write.run(() => changeSeen(account, ["adopt_since"], "PATCH", { adopt_console_tickets: adopt }));
    refresh();
    if (done) notify("done", text(adopt ? "accounts.adopts_now" : "accounts.adopts_no_more"));
  };
  return html`<section class="panel" aria-labelledby="account-adoption">
    <h2 id="account-adoption">${text("accounts.adoption")}</h2>
    <p>${isOn ? text("accounts.adopts_since", { time: exactTime(account.adopt_since) })
      : text("accounts.adopts_not")}</p>
    ${isOn && account.adoption_read_until !== undefined &&
    html`<p class="hint">${text("accounts.adoption_read", { time: exactTime(account.adoption_read_until) })}</p>`}
    <p class="hint">${text(isPossible ? "accounts.adopt_hint" : "accounts.adopt_impossible")}</p>
    ${Boolean(write.error) && html`<${WriteFailure} error=${write.error} repeats=${false} />`}
    ${mayChange && isPossible &&
    html`<div class="actions">
      <button type="button" disabled=${write.busy} onClick=${change}>
        ${text(write.busy ? "accounts.changing" : isOn ? "accounts.adopt_stop" : "accounts.adopt_start")}
      </button>
    </div>`}
  </section>`;
}

/** The most open tickets that the dialog counts. */
const COUNTED = 100;

/** @param {{ account: any, onClose: () => void, refresh: () => void }} props */
export function RemoveDialog({ account, onClose, refresh }) {
  const text = useTexts();
  const write = useWrite();
  const open = usePolled(withQuery("/tickets", { custom_id: account.id, status: 1, limit: COUNTED }), 15_000);
  const count = open.data?.items.length ?? 0;
  const vendor = text(`vendor.${account.type}`);
  const remove = async () => {
    const done = await write.run(async () => {
      try {
        await changeSeen(account, ["customer_id", "region_id"], "DELETE");
      } catch (error) {
        // It is gone: an earlier attempt without an answer, or somebody else, has removed it.
        if (!(error instanceof ApiError && error.problem.code === "account_not_found")) throw error;
      }
    });
    if (!done) return refresh();
    notify("done", text("accounts.removed"));
    onClose();
    go("/accounts");
  };
  return html`<${Dialog} title=${text("accounts.remove")} onClose=${() => write.busy || onClose()}>
    <div class="account-form">
      <p>${text("accounts.remove_about", { vendor, customer: account.customer_id ?? account.id })}</p>
      <ul class="plain">
        <li>${text("accounts.remove_keys")}</li>
        <li>${text("accounts.remove_keeps")}</li>
        <li>${text("accounts.remove_vendor")}</li>
      </ul>
      ${count > 0 &&
      html`<div class="write-failure" role="status">
        <p>${text("accounts.remove_open", { count, shown: `${number(count)}${open.data.next_cursor ? "+" : ""}` })}</p>
        <p><${Link} to=${address("/tickets", { custom_id: account.id })}>${text("accounts.tickets")}<//></p>
      </div>`}
      ${Boolean(write.error) && html`<${WriteFailure} error=${write.error} />`}
      <div class="actions">
        <button type="button" disabled=${write.busy} onClick=${onClose}>${text("action.cancel")}</button>
        <button type="button" class="danger" disabled=${write.busy || count > 0} onClick=${remove}>
          ${text(write.busy ? "accounts.being_removed" : "accounts.remove_now")}
        </button>
      </div>
    </div>
  <//>`;
}

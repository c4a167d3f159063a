// A new ticket: loads what it needs, and opens the draft.

import { get, getAll } from "../../core/api.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { usePlace } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { Failure } from "../../parts/failure.js";
import { useDraft } from "./draft_state.js";
import { DraftsPanel } from "./drafts_panel.js";
import { Editor } from "./editor.js";

export function NewTicketPage() {
  const text = useTexts();
  const current = useObservable(session);
  const { query } = usePlace();
  const owner = useRef("");
  // While the person signs in again the text stays theirs.
  if (current.state === "signed-in") owner.current = current.owner;
  const mayWrite = current.state !== "signed-in" || allows(current, "write");
  const { loaded, error, retry } = useVendorsAndAccounts();
  const state = useDraft(owner.current, query);
  const [canLeave, setCanLeave] = useState(true);
  if (!mayWrite) return html`<h1>${text("nav.new")}</h1><p>${text("new.not_allowed")}</p>`;
  return html`<div class="new-ticket">
    <div class="page-head"><h1>${text("nav.new")}</h1></div>
    ${error && html`<${Failure} error=${error} retry=${retry} />`}
    ${!error && (!loaded || !state) && html`<p role="status">${text("list.loading")}</p>`}
    ${
      loaded &&
      state &&
      html`<${DraftsPanel} state=${state} canLeave=${canLeave} />
      <${Editor} key=${state.draft.id} state=${state} accounts=${loaded.accounts} vendors=${loaded.vendors}
        onPhase=${setCanLeave} />`
    }
  </div>`;
}

function useVendorsAndAccounts() {
  const [state, setState] = useState(
    /** @type {{ loaded: { accounts: any[], vendors: any[] } | null, error: unknown }} */ ({
      loaded: null,
      error: null,
    }),
  );
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stopped = new AbortController();
    Promise.all([getAll("/accounts", undefined, stopped.signal), get("/vendors", { signal: stopped.signal })]).then(
      ([accounts, vendors]) => setState({ loaded: { accounts, vendors: vendors.items }, error: null }),
      (error) => !stopped.signal.aborted && setState({ loaded: null, error }),
    );
    return () => stopped.abort();
  }, [attempt]);
  return { ...state, retry: () => setAttempt((now) => now + 1) };
}

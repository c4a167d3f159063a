// The start of the page: settings, session, and the page of the address.

import { connection, withQuery } from "./core/api.js";
import { loadConfig } from "./core/config.js";
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./core/html.js";
import { useShortcuts } from "./core/keyboard.js";
import { useObservable } from "./core/observable.js";
import { removeOldDrafts } from "./core/own_drafts.js";
import { go, listAddress, match, usePlace } from "./core/router.js";
import { allows, failed, session, startSession } from "./core/session.js";
import { applySettings, language } from "./core/settings.js";
import { useTexts } from "./core/texts.js";
import { Failure } from "./parts/failure.js";
import { Link } from "./parts/link.js";
import { Navigation } from "./parts/navigation.js";
import { Notices } from "./parts/notices.js";
import { ShortcutHelp } from "./parts/shortcut_help.js";
import { SignIn } from "./pages/sign_in.js";
import { pages } from "./pages/index.js";

/**
 * The component of a page, once its code is there. A failed read of code is one of the page.
 * @param {import("./pages/index.js").PageEntry | undefined} entry
 * @returns {{ component: import("./pages/index.js").PageComponent | null, failed: boolean }}
 */
function useLoaded(entry) {
  const [loaded, setLoaded] = useState(
    /** @type {{ entry?: object, component: import("./pages/index.js").PageComponent | null, failed: boolean }} */
    ({ component: null, failed: false }),
  );
  useEffect(() => {
    if (!entry) return;
    let wanted = true;
    /** @param {import("./pages/index.js").PageComponent | null} component */
    const show = (component) => wanted && setLoaded({ entry, component, failed: component === null });
    entry.load().then(show, () => show(null));
    return () => {
      // The page of another address is loaded by now, perhaps before this one.
      wanted = false;
    };
  }, [entry]);
  return loaded.entry === entry ? loaded : { component: null, failed: false };
}

/** @param {{ path: string }} props */
function Page({ path }) {
  const text = useTexts();
  const [error, reset] = useErrorBoundary();
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const first = useRef(true);
  const found = pages.map((page) => ({ page, values: match(page.path, path) })).find(({ values }) => values);
  const { component, failed } = useLoaded(found?.page);
  useEffect(() => {
    reset();
    document.title = `${text(found?.page.title ?? "page.missing")} · Polydesk`;
    // A new page is read out from its beginning, unless it has put the focus on something itself.
    if (!first.current && !heading.current?.contains(document.activeElement)) heading.current?.focus();
    first.current = false;
  }, [path]);
  if (error) return html`<main id="main" tabindex="-1"><${Failure} error=${error} retry=${reset} /></main>`;
  if (!found) {
    return html`<main id="main" tabindex="-1" class="missing" ref=${heading}>
      <h1>${text("page.missing")}</h1>
      <p>${text("page.missing_why")}</p>
      <p><${Link} class="button" to="/tickets">${text("page.to_tickets")}<//></p>
    </main>`;
  }
  return html`<main id="main" tabindex="-1" ref=${heading}>
    ${component && html`<${component} key=${path} ...${found.values} />`}
    ${failed &&
    html`<div class="failure" role="alert">
      <p>${text("page.not_loaded")}</p>
      <button type="button" onClick=${() => location.reload()}>${text("page.reload")}</button>
    </div>`}
  </main>`;
}

function ConnectionBanner() {
  const text = useTexts();
  const state = useObservable(connection);
  const isGood = state === "ok";
  return html`<div role="alert" class="banner" hidden=${isGood}>${!isGood && text(`connection.${state}`)}</div>`;
}

/** Goes to the field that searches: of this page, or of the list as it was shown last. */
function search() {
  const field = document.querySelector("[data-search]");
  if (field instanceof HTMLElement) field.focus();
  else go(withQuery(listAddress(), { do: "search" }));
}

function App() {
  const text = useTexts();
  useObservable(language);
  const current = useObservable(session);
  const { path } = usePlace();
  const [helps, setHelps] = useState(false);
  const wasSignedIn = useRef(false);
  wasSignedIn.current ||= current.state === "signed-in";
  // A page in use whose token is refused stays, with what is typed in it, behind the request to sign in again.
  const stays = current.state === "signed-out" && wasSignedIn.current && current.refused;
  const showsPage = current.state === "signed-in" || stays;
  useShortcuts({
    ...(showsPage && { "?": () => setHelps(true), "/": search }),
    ...(allows(current, "write") && { n: () => go("/new") }),
  });
  if (current.state === "starting") return html`<p class="starting" role="status">${text("session.starting")}</p>`;
  if (current.state === "signed-out" && !showsPage) return html`<${SignIn} session=${current} />`;
  return html`
    <a class="skip" href="#main">${text("nav.skip")}</a>
    <div class="frame">
      <${Navigation} session=${current} path=${path} onHelp=${() => setHelps(true)} />
      <div class="content">
        <${ConnectionBanner} />
        ${current.state === "signed-out" && html`<${SignIn} session=${current} again />`}
        <${Page} path=${path} />
      </div>
    </div>
    <${Notices} />
    ${helps && html`<${ShortcutHelp} onClose=${() => setHelps(false)} />`}
  `;
}

async function start() {
  applySettings();
  removeOldDrafts();
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  render(html`<${App} />`, root);
  try {
    await startSession(await loadConfig());
  } catch (error) {
    failed("session.failed", error);
  }
}

start();

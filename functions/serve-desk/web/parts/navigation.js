// The navigation, and the person's settings.

import { html } from "../core/html.js";
import { useObservable } from "../core/observable.js";
import { allows, signOut } from "../core/session.js";
import { language, theme } from "../core/settings.js";
import { useTexts } from "../core/texts.js";
import { Link } from "./link.js";

/** Pages of the navigation, each with the scope that it needs. */
const ITEMS = [
  { path: "/tickets", text: "nav.tickets", scope: "read" },
  { path: "/new", text: "nav.new", scope: "write" },
  { path: "/numbers", text: "nav.numbers", scope: "read" },
  { path: "/accounts", text: "nav.accounts", scope: "read" },
  { path: "/catalog", text: "nav.catalog", scope: "read" },
  { path: "/audit", text: "nav.audit", scope: "admin" },
];

/** Lines of their icons, in a square of 16. @type {Record<string, string>} */
const ICONS = {
  "/tickets": "M2.5 4h11M2.5 8h11M2.5 12h7",
  "/new": "M8 3v10M3 8h10",
  "/numbers": "M3 13.5v-5M8 13.5v-11M13 13.5V6",
  "/accounts": "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.75 13.5a5.25 4.5 0 0 1 10.5 0",
  "/catalog": "M2.5 2.5h4.4v4.4H2.5zM9.1 2.5h4.4v4.4H9.1zM2.5 9.1h4.4v4.4H2.5zM9.1 9.1h4.4v4.4H9.1z",
  "/audit": "M8 1.8l5 1.9v4c0 3-2.1 5.3-5 6.5-2.9-1.2-5-3.5-5-6.5v-4zM5.8 7.9l1.6 1.6 2.9-3",
};

/** @param {{ session: import("../core/session.js").Session, path: string, onHelp: () => void }} props */
export function Navigation({ session, path, onHelp }) {
  const text = useTexts();
  const [chosenLanguage, chosenTheme] = [useObservable(language), useObservable(theme)];
  const isCurrent = /** @param {string} item */ (item) =>
    path === item || path.startsWith(`${item}/`);
  return html`<header class="side">
    <${Link} to="/tickets" class="brand">Polydesk<//>
    <nav aria-label=${text("nav.label")}>
      <ul>
        ${ITEMS.filter(({ scope }) => allows(session, /** @type {"read"} */ (scope))).map(
          (item) => html`<li key=${item.path}>
            <${Link} to=${item.path} aria-current=${isCurrent(item.path) ? "page" : undefined}>
              <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${ICONS[item.path]} /></svg>
              <span>${text(item.text)}</span>
            <//>
          </li>`,
        )}
      </ul>
    </nav>
    <div class="settings">
      <button type="button" class="quiet" lang=${chosenLanguage === "zh" ? "en" : "zh-CN"}
        onClick=${() => language.set(chosenLanguage === "zh" ? "en" : "zh")}>
        ${chosenLanguage === "zh" ? "English" : "中文"}
      </button>
      <label>
        <span class="visually-hidden">${text("settings.theme")}</span>
        <select value=${chosenTheme} onChange=${/** @param {any} event */ (event) => theme.set(event.currentTarget.value)}>
          ${["system", "light", "dark"].map((name) => html`<option value=${name}>${text(`theme.${name}`)}</option>`)}
        </select>
      </label>
      <button type="button" class="quiet help" onClick=${onHelp} aria-label=${text("help.title")}
        title=${text("help.title")}>?</button>
      ${session.state === "signed-in" &&
      html`<div class="person">
        ${session.name && html`<span>${session.name}</span>`}
        <button type="button" class="quiet" onClick=${() => signOut()}>${text("session.sign_out")}</button>
      </div>`}
    </div>
  </header>`;
}

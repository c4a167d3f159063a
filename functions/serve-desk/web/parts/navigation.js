// The navigation, and the person's settings.

import { html } from "../core/html.js";
import { useObservable } from "../core/observable.js";
import { allows, signOut } from "../core/session.js";
import { language, theme } from "../core/settings.js";
import { useTexts } from "../core/texts.js";
import { Link } from "./link.js";

/** Pages of the navigation, each with the scope that it needs. */
const ITEMS = [
  { path: "/tickets", text: "nav.tickets", scope: "read", icon: "☰" },
  { path: "/new", text: "nav.new", scope: "write", icon: "＋" },
  { path: "/numbers", text: "nav.numbers", scope: "read", icon: "▤" },
  { path: "/accounts", text: "nav.accounts", scope: "read", icon: "◍" },
  { path: "/catalog", text: "nav.catalog", scope: "read", icon: "▦" },
  { path: "/audit", text: "nav.audit", scope: "admin", icon: "✓" },
];

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
              <span class="icon" aria-hidden="true">${item.icon}</span> <span>${text(item.text)}</span>
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
      <button type="button" class="quiet" onClick=${onHelp} aria-label=${text("help.title")}>?</button>
      ${session.state === "signed-in" &&
      html`<div class="person">
        ${session.name && html`<span>${session.name}</span>`}
        <button type="button" class="quiet" onClick=${() => signOut()}>${text("session.sign_out")}</button>
      </div>`}
    </div>
  </header>`;
}

// What the keys do.

import { html } from "../core/html.js";
import { useTexts } from "../core/texts.js";
import { Dialog } from "./dialog.js";

/** Keys, and what they do. */
const KEYS = [
  ["j k", "help.next_previous"],
  ["Enter", "help.open"],
  ["r", "help.reply"],
  ["c", "help.close"],
  ["n", "help.new"],
  ["/", "help.search"],
  ["u", "help.back"],
  ["Ctrl/⌘ Enter", "help.send"],
  ["?", "help.help"],
];

/** @param {{ onClose: () => void }} props */
export function ShortcutHelp({ onClose }) {
  const text = useTexts();
  return html`<${Dialog} title=${text("help.title")} onClose=${onClose}>
    <dl class="keys">
      ${KEYS.map(([key, what]) => html`<div key=${key}>
        <dt>${key.split(" ").map((one) => html`<kbd key=${one}>${one}</kbd> `)}</dt><dd>${text(what)}</dd>
      </div>`)}
    </dl>
  <//>`;
}

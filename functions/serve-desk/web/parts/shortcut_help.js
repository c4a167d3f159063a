// What the keys do.

import { html } from "../core/html.js";
import { useTexts } from "../core/texts.js";
import { Dialog } from "./dialog.js";

const KEYS = [
  ["j / k", "help.next_previous"],
  ["Enter", "help.open"],
  ["r", "help.reply"],
  ["c", "help.close"],
  ["n", "help.new"],
  ["/", "help.search"],
  ["u", "help.back"],
  ["?", "help.help"],
];

/** @param {{ onClose: () => void }} props */
export function ShortcutHelp({ onClose }) {
  const text = useTexts();
  return html`<${Dialog} title=${text("help.title")} onClose=${onClose}>
    <dl class="keys">
      ${KEYS.map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text(what)}</dd></div>`)}
    </dl>
  <//>`;
}

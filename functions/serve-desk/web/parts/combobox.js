// A field that chooses one entry by a search at the server, after the ARIA pattern "combobox with listbox popup".

import { html, useEffect, useId, useRef, useState } from "../core/html.js";
import { explain } from "../core/problems.js";
import { useTexts } from "../core/texts.js";

/** How long typing rests before a search. */
const REST_MS = 200;

/** @typedef {{ id: string, label: string, detail?: string, [more: string]: any }} Option */
/** @typedef {{ options: Option[], more: boolean }} Found `more`: there are more than these */

/**
 * @param {{ id?: string, describedBy?: string, invalid?: boolean, required?: boolean, disabled?: boolean,
 *   value: Option | null, placeholder?: string, search: (query: string, signal: AbortSignal) => Promise<Found>,
 *   onChange: (option: Option | null) => void, onBlur?: () => void }} props
 */
export function Combobox({
  id,
  describedBy,
  invalid,
  required,
  disabled,
  value,
  placeholder,
  search,
  onChange,
  onBlur,
}) {
  const text = useTexts();
  const list = useId();
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const composing = useRef(false);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [active, setActive] = useState(-1);
  const [query, setQuery] = useState("");
  const { found, isOf, loading, error } = useSearch(open ? query : null, search);
  const options = found?.options ?? [];

  useEffect(() => setActive(query && options.length > 0 ? 0 : -1), [found]);
  useEffect(() => {
    if (active >= 0) document.getElementById(`${list}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const show = () => {
    if (disabled || open) return;
    setQuery("");
    setOpen(true);
  };
  const close = () => {
    setOpen(false);
    setTyped(null);
    setActive(-1);
  };
  const choose = /** @param {Option} option */ (option) => {
    close();
    onChange(option);
    input.current?.focus();
  };
  const type = /** @param {string} now */ (now) => {
    setTyped(now);
    setOpen(true);
    // A text that an input method composes is not what is meant yet.
    if (!composing.current) setQuery(now.trim());
  };
  const move = /** @param {number} step */ (step) => {
    if (!open) return show();
    if (options.length > 0)
      setActive((now) => (now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length));
  };
  const onKeyDown = /** @param {KeyboardEvent} event */ (event) => {
    // Enter and arrows belong to the input method while it composes; 229 is how older browsers say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      // An option of the last query is not what is meant by this one.
      if (isOf === query && options[active]) choose(options[active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    }
  };
  const status = !open
    ? ""
    : error
      ? explain(error)
      : loading
        ? text("new.combobox.searching")
        : options.length === 0
          ? text("new.combobox.none")
          : text("new.combobox.found", { count: options.length });
  return html`<div class="combobox">
    <input ref=${input} id=${id} type="text" role="combobox" autocomplete="off" autocapitalize="off" spellcheck=${false}
      aria-autocomplete="list" aria-expanded=${open ? "true" : "false"} aria-controls=${list}
      aria-describedby=${describedBy}
      aria-invalid=${invalid ? "true" : undefined} aria-required=${required ? "true" : undefined}
      aria-activedescendant=${open && active >= 0 ? `${list}-${active}` : undefined}
      disabled=${disabled} placeholder=${placeholder} value=${typed ?? value?.label ?? ""}
      onInput=${/** @param {any} event */ (event) => type(event.currentTarget.value)}
      onCompositionStart=${() => (composing.current = true)}
      onCompositionEnd=${
        /** @param {any} event */ (event) => {
          composing.current = false;
          type(event.currentTarget.value);
        }
      }
      onClick=${show} onKeyDown=${onKeyDown} onFocus=${() => input.current?.select()}
      onBlur=${() => {
        composing.current = false;
        close();
        onBlur?.();
      }} />
    ${
      value &&
      !disabled &&
      html`<button type="button" class="quiet clear" aria-label=${text("new.combobox.clear", { name: value.label })}
      onClick=${() => {
        close();
        onChange(null);
        input.current?.focus();
      }}>×</button>`
    }
    <div class="popup" hidden=${!open} onMouseDown=${/** @param {Event} event */ (event) => event.preventDefault()}>
      ${
        open &&
        options.length > 0 &&
        html`<ul id=${list} role="listbox" aria-label=${text("new.combobox.list")}
          aria-busy=${loading ? "true" : undefined}>
        ${options.map(
          (option, index) => html`<li key=${option.id} id="${list}-${index}" role="option"
            aria-selected=${index === active ? "true" : "false"} data-chosen=${option.id === value?.id ? "" : undefined}
            onClick=${() => choose(option)} onMouseMove=${() => index !== active && setActive(index)}>
            <span class="label">${option.label}</span>
            ${option.detail && html`<span class="detail">${option.detail}</span>`}
          </li>`,
        )}
      </ul>`
      }
      ${open && (error || options.length === 0) && html`<p class=${error ? "message error" : "message"}>${status}</p>`}
      ${open && found?.more && !error && html`<p class="message">${text("new.combobox.more")}</p>`}
    </div>
    <p class="visually-hidden" role="status">${status}</p>
  </div>`;
}

/**
 * The options of a query, read a moment after it stays the same. Those of the last query stay until then: `isOf` says
 * whose they are.
 * @param {string | null} query nothing searches nothing
 * @param {(query: string, signal: AbortSignal) => Promise<Found>} search
 */
function useSearch(query, search) {
  const [state, setState] = useState(
    /** @type {{ found: Found | null, isOf: string | null, loading: boolean, error: unknown }} */ ({
      found: null,
      isOf: null,
      loading: false,
      error: null,
    }),
  );
  useEffect(() => {
    if (query === null) {
      setState({ found: null, isOf: null, loading: false, error: null });
      return;
    }
    const stopped = new AbortController();
    setState((now) => ({ ...now, loading: true }));
    const timer = setTimeout(
      () => {
        search(query, stopped.signal).then(
          (found) => !stopped.signal.aborted && setState({ found, isOf: query, loading: false, error: null }),
          (error) => !stopped.signal.aborted && setState({ found: null, isOf: query, loading: false, error }),
        );
      },
      query ? REST_MS : 0,
    );
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [query, search]);
  return state;
}

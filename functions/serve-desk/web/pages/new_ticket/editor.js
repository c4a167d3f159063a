// The form of a new ticket, from the first field to the ticket's page.

import { newKey } from "../../core/api.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { go } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { explainUpload, FileDrop, FilePicker, fileProblems, limitsOf, uploadAll } from "../../parts/files.js";
import { notify } from "../../parts/notices.js";
import { ANY_FORM, bodyOf, brokenFields, hasSeverity, maxDescription, noSecrets, withoutSecrets } from "./body.js";
import { useForm } from "./catalog.js";
import { refusalOf, useCheck } from "./check.js";
import { ContactFields, SecretField, TextFields, VendorFields } from "./form_fields.js";
import { AccountField, KindFields } from "./kind.js";
import { Outcome } from "./outcome.js";
import { Problem } from "./problem.js";
import { useSubmission } from "./submission.js";

/**
 * @param {{ state: import("./draft_state.js").DraftState, accounts: any[], vendors: any[],
 *   onPhase: (canLeave: boolean) => void }} props
 */
export function Editor({ state, accounts, vendors, onPhase }) {
  const text = useTexts();
  const { draft } = state;
  const values = /** @type {import("./body.js").Values} */ (draft.values);
  const [secrets, setSecrets] = useState(noSecrets);
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [progress, setProgress] = useState(/** @type {{ done: number, file: File } | null} */ (null));
  const [touched, setTouched] = useState(/** @type {Set<string>} */ (new Set()));
  const [busy, setBusy] = useState(/** @type {"" | "checking" | "uploading"} */ (""));
  const [confirmed, setConfirmed] = useState("");
  const [asksFor, setAsksFor] = useState("");
  const [attempts, setAttempts] = useState(0);
  const page = useRef(/** @type {HTMLElement | null} */ (null));
  const mounted = useMounted();
  const account = accounts.find((one) => one.id === values.custom_id);
  const capability = account && vendors.find((vendor) => vendor.type === account.type);
  const { form: read, error: formError, loading: formLoading, retry: readForm } = useForm(account, values);
  const form = read ?? ANY_FORM;
  const { checked, set: setChecked, forget, check } = useCheck();
  const submission = useSubmission(state, (ticket, isEarlier) => {
    // What was changed since is in no ticket: it stays a draft, of another intent.
    if (isEarlier) state.change({ sent: null, key: newKey() });
    else state.finish();
    const created = text(ticket.cloud_id ? "new.created" : "new.created_plain", { cloud_id: ticket.cloud_id ?? "" });
    if (isEarlier) notify("failed", text("new.created_earlier"));
    else notify("done", created);
    if (mounted.current) go(`/tickets/${encodeURIComponent(ticket.id)}`);
  });
  const isFrozen = submission.isFrozen || busy !== "";
  useEffect(() => onPhase(!submission.isFrozen), [submission.isFrozen]);

  const limits = limitsOf(capability, "ticket");
  const badFile = limits && fileProblems(files, limits).find(Boolean);
  const descriptionMax = maxDescription(form, capability, values.name);
  const broken = brokenFields(values, secrets, form, descriptionMax);
  if (badFile) broken.attachments = badFile;
  const shown = Object.fromEntries(Object.entries(broken).filter(([name]) => touched.has(name)));
  const errors = { ...checked.errors, ...shown };
  const textsNow = JSON.stringify([values.name, values.description]);

  /** @param {Partial<import("./body.js").Values>} change */
  const change = (change) => {
    state.setValues(change);
    forget(Object.keys(change));
  };
  /** @param {Partial<import("./body.js").Secrets>} change */
  const changeSecret = (change) => {
    setSecrets((now) => ({ ...now, ...change }));
    forget(Object.keys(change));
  };
  const leave = /** @param {string} name */ (name) => {
    setTouched((now) => new Set(now).add(name));
    // Once nothing is missing, the API says what else is wrong before anything is sent.
    if (read && !isFrozen && Object.keys(broken).length === 0) check(bodyOf(values, secrets, form), { again: false });
  };

  useEffect(() => {
    if (attempts > 0) focusFirst(page.current, "[data-invalid] :is(input:not([hidden]), select, textarea, button)");
  }, [attempts]);
  useEffect(() => {
    if (asksFor) focusFirst(page.current, ".confirm button");
  }, [asksFor]);

  const submit = async ({ confirms = false } = {}) => {
    if (isFrozen) return;
    setAsksFor("");
    setTouched(new Set(Object.keys(broken)));
    if (Object.keys(broken).length > 0 || !read) return setAttempts((now) => now + 1);
    const body = bodyOf(values, secrets, form);
    setBusy("checking");
    const result = await check(body, { again: true });
    setBusy("");
    if (!result || !mounted.current) return;
    if (result.problem) return setAttempts((now) => now + 1);
    if (Object.keys(result.warnings).length > 0 && !confirms && confirmed !== textsNow) return setAsksFor(textsNow);
    if (confirms) setConfirmed(textsNow);
    await send(body);
  };
  /** @param {any} body */
  const send = async (body) => {
    if (files.length > 0) {
      setBusy("uploading");
      try {
        body = { ...body, attachments: await uploadAll(files, (done, file) => setProgress({ done, file })) };
      } catch (error) {
        setChecked({ errors: { attachments: explainUpload(error) }, warnings: {}, problem: null });
        setAttempts((now) => now + 1);
        return;
      } finally {
        setBusy("");
        setProgress(null);
      }
    }
    if (!mounted.current) return;
    const refusal = await submission.send({ whole: body, ...withoutSecrets(body, form) });
    if (refusal) {
      const result = refusalOf(refusal);
      // What the API does not have any more is uploaded again, which is known by the file's identity.
      if (result.errors.attachments) setFiles((now) => now.map(copyOf));
      setChecked(result);
      setAttempts((now) => now + 1);
    }
  };

  const common = {
    values,
    secrets,
    form,
    errors,
    warnings: checked.warnings,
    onChange: change,
    onSecret: changeSecret,
    onBlur: leave,
  };
  const changeFiles = /** @param {File[]} next */ (next) => {
    setFiles(next);
    forget(["attachments"]);
  };
  const addFiles = /** @param {File[]} more */ (more) => changeFiles([...files, ...more]);
  const count = Object.keys(errors).length;
  const asks = asksFor === textsNow && !isFrozen;
  const unplaced = Object.entries(checked.errors)
    .filter(([name]) => !isPlaced(name, form))
    .map(([name, detail]) => `${name}: ${detail}`);
  const busyTexts = { "": "", checking: text("new.checking"), uploading: text("new.uploading") };
  const busyText = busyTexts[busy] || (submission.phase === "sending" ? text("new.sending") : "");
  const hasOwn = ["region_id", "severity_id", "extra"].some((name) => form.properties[name]) || hasSeverity(form);
  return html`<form ref=${page} noValidate onSubmit=${
    /** @param {Event} event */ (event) => {
      event.preventDefault();
      submit();
    }
  }>
    <${Outcome} submission=${submission} draft=${draft} form=${read} onDiscard=${state.discard} />
    <fieldset class="fields" disabled=${isFrozen}>
      <legend class="visually-hidden">${text("nav.new")}</legend>
      <section class="panel" aria-labelledby="new-what">
        <h2 id="new-what">${text("new.section.kind")}</h2>
        <${AccountField} accounts=${accounts} vendors=${vendors} ...${common} />
        <${KindFields} account=${account} ...${common} form=${read} />
        ${formLoading && html`<p class="hint" role="status">${text("new.form.reading")}</p>`}
        ${formError && html`<${Problem} error=${formError} retry=${readForm} />`}
        ${
          (form["x-unread"]?.length > 0 || form["x-unreadable"] > 0) &&
          html`<p class="caution">${text("new.form.unread")} <button type="button"
            onClick=${readForm}>${text("action.retry")}</button></p>`
        }
      </section>
      ${
        read &&
        hasOwn &&
        html`<section class="panel" aria-labelledby="new-vendor">
        <h2 id="new-vendor">${text("new.section.vendor", { vendor: text(`vendor.${account.type}`) })}</h2>
        <${VendorFields} ...${common} />
      </section>`
      }
      <section class="panel" aria-labelledby="new-text">
        <h2 id="new-text">${text("new.section.text")}</h2>
        <${FileDrop} onFiles=${addFiles} disabled=${isFrozen || !limits}>
        <${TextFields} ...${common} descriptionMax=${descriptionMax} sentId=${draft.sent?.ticket_id}
          sharesText=${Boolean(capability?.max_text_chars && !capability.title)} />
        ${
          limits &&
          html`<div class="field" data-invalid=${errors.attachments ? "" : undefined}>
            <${FilePicker} files=${files} limits=${limits} disabled=${isFrozen} progress=${progress}
              onChange=${changeFiles} />
            ${errors.attachments && html`<p class="error" role="alert">${errors.attachments}</p>`}
          </div>`
        }
        <//>
        ${read?.properties.secret_info && html`<${SecretField} ...${common} />`}
      </section>
      ${
        read &&
        html`<section class="panel" aria-labelledby="new-contact">
        <h2 id="new-contact">${text("new.section.contact")}</h2>
        <${ContactFields} ...${common} />
      </section>`
      }
    </fieldset>
    ${
      !submission.isFrozen &&
      checked.problem &&
      (unplaced.length > 0 || Object.keys(checked.errors).length === 0) &&
      html`<${Problem} error=${checked.problem} unplaced=${unplaced} />`
    }
    ${submission.isUnsettled && !isFrozen && html`<p class="caution">${text("new.unsettled")}</p>`}
    ${
      asks &&
      html`<div class="confirm caution" role="alertdialog" aria-labelledby="new-confirm">
      <p id="new-confirm">${text("new.confirm.secret")}</p>
      <div class="actions">
        <button type="button" onClick=${() => {
          setAsksFor("");
          focusFirst(
            page.current,
            checked.warnings.name ? "input[aria-required]:not([role])" : "textarea[aria-required]",
          );
        }}>${text("new.confirm.change")}</button>
        <button type="button" class="danger" onClick=${() => submit({ confirms: true })}>
          ${text("new.confirm.send")}</button>
      </div>
    </div>`
    }
    <div class="submit">
      <p role="status" class=${busyText ? undefined : "error"}>
        ${busyText || (attempts > 0 && count > 0 ? text("new.broken", { count }) : "")}</p>
      ${
        submission.shown === "editing" &&
        !asks &&
        html`<button type="submit" class="primary" disabled=${isFrozen || formLoading} onMouseDown=${keepFocus}>
        ${busyText || text("new.submit")}
      </button>`
      }
    </div>
  </form>`;
}

/**
 * An error that appears because a field was left would move the button away from under the pointer.
 * @param {Event} event
 */
function keepFocus(event) {
  event.preventDefault();
}

/** @param {File} file */
function copyOf(file) {
  return new File([file], file.name, { type: file.type, lastModified: file.lastModified });
}

function useMounted() {
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => void (mounted.current = false);
  }, []);
  return mounted;
}

/** @param {HTMLElement | null} root @param {string} selector */
function focusFirst(root, selector) {
  const found = root?.querySelector(selector);
  if (found instanceof HTMLElement) found.focus();
}

/** Whether the page shows a field of this name. @param {string} name @param {any} form */
function isPlaced(name, form) {
  if (name === "severity") return hasSeverity(form);
  const [first, second] = name.split("/");
  if (second !== undefined && (first === "extra" || first === "contact"))
    return Boolean(form.properties[first]?.properties?.[name.slice(first.length + 1)]);
  return (
    first !== "osm_id" &&
    first !== "extra" &&
    first !== "contact" &&
    first !== "allow_secrets" &&
    Boolean(form.properties[first] || ["custom_id", "product_id", "product_business_id"].includes(first))
  );
}

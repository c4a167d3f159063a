// The texts of both languages, and their use in the sources.

import assert from "node:assert/strict";
import { test } from "node:test";

import { loadedFiles, source, textsOf } from "../harness/web.js";

const [en, zh] = await Promise.all([textsOf("en"), textsOf("zh")]);
const sources = loadedFiles()
  .filter((path) => path.endsWith(".js") && !path.startsWith("texts/"))
  .map((path) => ({ path, text: source(path) }));

/** @param {string | Record<string, string>} text */
const forms = (text) => (typeof text === "string" ? { other: text } : text);

/** @param {string} text */
const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

/** Keys into which something is put, as they stand in the sources. */
const TEMPLATE = /`([^`\s<>]*\$\{[^`\s<>]*)`/g;

/** What is put into a key is one of its names. @param {string} template @returns {RegExp} */
const fitting = (template) =>
  new RegExp(`^${template.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "[^.]+")}$`);

/** Every key that stands as a literal, and the templates of which a name is put in. */
function usedKeys() {
  const literals = new Map();
  /** @type {Map<string, string>} */
  const templates = new Map();
  for (const { path, text } of sources) {
    for (const [, , literal] of text.matchAll(/(["'`])([a-z_]+\.\w+(?:\.\w+)*)\1/g)) literals.set(literal, path);
    for (const [, template] of text.matchAll(TEMPLATE)) {
      if (/^[a-z_]+\./.test(template)) templates.set(template, path);
      else if (/^\$\{\w+\}\.\$\{\w+\}$/.test(template)) {
        for (const [, group] of text.matchAll(/"([a-z_]+(?:\.\w+)*)"/g))
          if (hasGroup(`${group}.`)) templates.set(`${group}.\${name}`, path);
      }
    }
  }
  return { literals, templates };
}

/** @param {string} start */
const hasGroup = (start) => Object.keys(en).some((key) => key.startsWith(start));

test("both languages have the same keys", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

test("no key stands twice", () => {
  for (const language of ["en", "zh"]) {
    const keys = [...source(`texts/${language}.js`).matchAll(/^ {2}"([^"]+)":/gm)].map(([, key]) => key);
    assert.deepEqual(
      keys.filter((key, index) => keys.indexOf(key) !== index),
      [],
      language,
    );
    assert.equal(keys.length, Object.keys(language === "en" ? en : zh).length, language);
  }
});

test("both languages put in the same values", () => {
  for (const [key, text] of Object.entries(en)) {
    const of = (/** @type {typeof text} */ texts) =>
      [...new Set(Object.values(forms(texts)).flatMap(placeholders))].sort();
    assert.deepEqual(of(zh[key]), of(text), key);
  }
});

test("every text has plural forms of its language and no empty text", () => {
  for (const [language, texts] of [
    ["en", en],
    ["zh", zh],
  ]) {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [key, text] of Object.entries(texts)) {
      const names = Object.keys(forms(text));
      assert.ok(
        names.includes("other") && names.every((name) => pluralCategories.includes(/** @type {any} */ (name))),
        `${language} ${key}`,
      );
      for (const form of Object.values(forms(text))) assert.notEqual(form.trim(), "", `${language} ${key}`);
    }
  }
});

test("Chinese texts are Chinese, and English ones are not", () => {
  // Names, key names and formats are the same in both.
  const alike = Object.keys(en).filter((key) => JSON.stringify(en[key]) === JSON.stringify(zh[key]));
  const words = alike.filter((key) => /[a-z]{4,} [a-z]{2,} [a-z]{2,}/i.test(JSON.stringify(forms(en[key]).other)));
  assert.deepEqual(words, []);
  // An English text may show a Chinese word that is searched for.
  const letters = (/** @type {RegExp} */ script, /** @type {unknown} */ text) =>
    (JSON.stringify(text).match(script) ?? []).length;
  const isChinese = (/** @type {unknown} */ text) => letters(/\p{Script=Han}/gu, text) * 2 > letters(/[a-z]/gi, text);
  assert.deepEqual(
    Object.keys(en).filter((key) => isChinese(en[key])),
    [],
  );
});

test("every key in the sources has a text", () => {
  const { literals, templates } = usedKeys();
  const starts = new Set(Object.keys(en).map((key) => key.split(".")[0]));
  const missing = [...literals].filter(([key]) => starts.has(key.split(".")[0]) && !(key in en));
  assert.deepEqual(missing, []);
  for (const { path, text } of sources) {
    for (const [, key] of text.matchAll(/\btext\(\s*"([^"]+)"/g)) assert.ok(key in en, `${path}: ${key}`);
  }
  const groups = new Set(Object.keys(en).map((key) => key.split(".")[0]));
  const unknown = [...templates].filter(
    ([template]) => groups.has(template.split(".")[0]) && !Object.keys(en).some((key) => fitting(template).test(key)),
  );
  assert.deepEqual(unknown, []);
  assert.ok(templates.size > 0);
});

test("no template stands for all names of a page", () => {
  // `new.${name}` would use every text of the page. A group without groups of its own is one list, as of the vendors.
  const isList = (/** @type {string} */ group) =>
    !Object.keys(en).some((key) => key.startsWith(group) && key.slice(group.length).includes("."));
  const bare = [...usedKeys().templates].filter(([template]) => {
    const [, group] = template.match(/^([a-z_]+\.)(?:\$\{[^}]*\}\.?)+$/) ?? [];
    return group && hasGroup(group) && !isList(group);
  });
  assert.deepEqual(bare, []);
});

test("every text is used", () => {
  const { literals, templates } = usedKeys();
  const patterns = [...templates.keys()].map(fitting);
  const isUsed = (/** @type {string} */ key) => literals.has(key) || patterns.some((pattern) => pattern.test(key));
  assert.deepEqual(
    Object.keys(en).filter((key) => !isUsed(key)),
    [],
  );
});

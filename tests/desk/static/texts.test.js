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

/** Every `group.name` that stands as a literal, and the groups of which the name is put in. */
function usedKeys() {
  const literals = new Map();
  const groups = new Map();
  for (const { path, text } of sources) {
    const putsGroupIn = /`\$\{\w+\}\.\$\{/.test(text);
    for (const [, , literal] of text.matchAll(/(["'`])([a-z_]+\.\w+(?:\.\w+)*)\1/g)) literals.set(literal, path);
    for (const [, group] of text.matchAll(/`([a-z_]+\.(?:\w+[._])*)\$\{/g)) groups.set(group, path);
    if (putsGroupIn)
      for (const [, group] of text.matchAll(/"([a-z_]+)"/g)) if (hasGroup(`${group}.`)) groups.set(`${group}.`, path);
  }
  return { literals, groups };
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
  const { literals, groups } = usedKeys();
  const starts = new Set(Object.keys(en).map((key) => key.split(".")[0]));
  const missing = [...literals].filter(([key]) => starts.has(key.split(".")[0]) && !(key in en));
  assert.deepEqual(missing, []);
  for (const { path, text } of sources) {
    for (const [, key] of text.matchAll(/\btext\(\s*"([^"]+)"/g)) assert.ok(key in en, `${path}: ${key}`);
    for (const [, group] of text.matchAll(/\btext\(\s*`([\w.]+)\$\{/g)) assert.ok(hasGroup(group), `${path}: ${group}`);
  }
  assert.ok(groups.size > 0);
});

test("every text is used", () => {
  const { literals, groups } = usedKeys();
  const isUsed = (/** @type {string} */ key) =>
    literals.has(key) || [...groups.keys()].some((group) => key.startsWith(group));
  assert.deepEqual(
    Object.keys(en).filter((key) => !isUsed(key)),
    [],
  );
});

// The libraries below `vendor` are those of the packages, and its README names them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { packageFile } from "../harness/modules.js";
import { WEB } from "../harness/web.js";

/** What is changed in every file: the address of a source map that is not served. */
const withoutSourceMap = (/** @type {string} */ text) => text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");

/** The hooks name their neighbour by its path: a page without an import map knows no package. */
const withPath = (/** @type {string} */ text) => text.replace('from"preact"', 'from"./preact.mjs"');

/** The smallest build of uPlot is a script; its last line makes it a module. */
const asModule = (/** @type {string} */ text) => `${text.trimEnd()}\nexport default uPlot;\n`;

/** Each file with the package's file that it is, and what was changed. */
const FILES = {
  "hooks.mjs": { package: "preact", path: "hooks/dist/hooks.mjs", change: withPath },
  "htm.mjs": { package: "htm", path: "dist/htm.mjs" },
  "preact.mjs": { package: "preact", path: "dist/preact.mjs" },
  "uplot.mjs": { package: "uplot", path: "dist/uPlot.iife.min.js", change: asModule },
  "uplot.css": { package: "uplot", path: "dist/uPlot.min.css" },
};

const present = readdirSync(`${WEB}/vendor`).filter((name) => !/\.(md|txt|d\.m?ts)$/.test(name));
const sha256 = (/** @type {string | Buffer} */ content) => createHash("sha256").update(content).digest("hex");

test("every file below vendor is known", () => {
  assert.deepEqual(
    present.filter((name) => !(name in FILES)),
    [],
  );
  assert.deepEqual(
    Object.keys(FILES).filter((name) => !present.includes(name)),
    [],
  );
});

for (const name of present.filter((name) => name in FILES)) {
  test(`${name} is the package's`, () => {
    const { package: from, path, change = (/** @type {string} */ text) => text } = FILES[name];
    const expected = change(withoutSourceMap(packageFile(`${from}/${path}`).toString("utf8")));
    const found = readFileSync(`${WEB}/vendor/${name}`, "utf8");
    assert.equal(sha256(found.trimEnd()), sha256(expected.trimEnd()));
  });
}

test("the licence of each package is beside it", () => {
  const names = new Set(present.map((name) => FILES[name]?.package));
  for (const name of names) assert.ok(existsSync(`${WEB}/vendor/LICENSE-${name}.txt`), `LICENSE-${name}.txt`);
});

test("the README has version, licence and checksum of each", () => {
  assert.ok(existsSync(`${WEB}/vendor/README.md`), "there is no vendor/README.md");
  const readme = readFileSync(`${WEB}/vendor/README.md`, "utf8");
  for (const name of present) {
    const { version, license } = JSON.parse(packageFile(`${FILES[name].package}/package.json`).toString("utf8"));
    for (const fact of [name, version, license, sha256(readFileSync(`${WEB}/vendor/${name}`))]) {
      assert.ok(readme.includes(fact), `${name}: ${fact}`);
    }
  }
});

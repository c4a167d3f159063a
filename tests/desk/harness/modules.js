// The packages of package.json, which `run` installs outside the clone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const folder = process.env.NODE_MODULES;
if (!folder) throw new Error("NODE_MODULES is not set: start the tests with tests/desk/run");
const require = createRequire(`${folder}/`);

export const { chromium } = require("playwright-core");

/** The source of axe-core, which a page runs. */
export const axeSource = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** @param {string} path of a file below the installed packages */
export const packageFile = (path) => readFileSync(`${folder}/${path}`);

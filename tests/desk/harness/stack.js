// A `serve` of its own for each test file, with its simulated vendors.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** How long the start, and what is waited for at the API, may take. */
const PATIENCE_MS = 120_000;

/** @typedef {"ALIBABA" | "HUAWEI" | "TENCENT"} Vendor */

export class Stack {
  /** @type {string} */ origin;
  /** @type {string} the folder with the secrets of this start */ access;
  /** @type {string} */ key;
  /** @type {Record<Vendor, string>} */ simulators;
  /** @type {Record<string, string>} the variables of a function that runs against this stack */ environment;
  #folder = mkdtempSync(join(tmpdir(), "polydesk-desk-tests-"));
  #tokenFile = join(this.#folder, "tokens.json");
  /** @type {Record<string, object>} */ #tokens = {};
  /** @type {import("node:child_process").ChildProcess} */ #process;
  #output = "";

  /**
   * @param {{ settleTimeMs?: number, hasTokens?: boolean }} [options] `settleTimeMs`: how long the sync searches for a
   *   ticket of unknown outcome; `hasTokens`: it takes the tokens of [`setTokens`](Stack.setTokens)
   */
  static async start({ settleTimeMs, hasTokens = false } = {}) {
    const stack = new Stack();
    stack.setTokens({});
    const more = [
      ...(settleTimeMs === undefined ? [] : ["--settle-time-ms", String(settleTimeMs)]),
      ...(hasTokens ? ["--token-file", stack.#tokenFile] : []),
    ];
    await stack.#run(["serve", "--port", "0", ...more]);
    return stack;
  }

  /** @param {string[]} options */
  async #run(options) {
    this.#process = spawn(process.env.LOCAL_BIN, options, { stdio: ["ignore", "pipe", "pipe"] });
    const child = this.#process;
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    const last = /environment'\n$/;
    const greeting = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`serve did not start: ${this.#output}`)), PATIENCE_MS);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`serve ended with ${code}: ${this.#output}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => {
          this.#output = (this.#output + text).slice(-100_000);
          if (!last.test(this.#output)) return;
          clearTimeout(late);
          resolve(this.#output);
        });
      }
    });
    const text = await greeting;
    const [, origin, access] = text.match(/api=(http:\S+) access='([^']+)'/);
    this.origin = origin;
    this.access = access;
    this.simulators = Object.fromEntries(
      [...text.matchAll(/\b(ALIBABA|HUAWEI|TENCENT) (http:\/\/[\d.:]+)/g)].map(([, vendor, url]) => [vendor, url]),
    );
    this.key = readFileSync(`${access}/headers`, "utf8").match(/Bearer (\S+)/)[1];
    const variables = readFileSync(`${access}/environment`, "utf8").matchAll(/export (\w+)='(.*)'/g);
    this.environment = Object.fromEntries([...variables].map(([, name, value]) => [name, value]));
  }

  /** The tokens that the stack takes from now on, each with its claims. @param {Record<string, object>} tokens */
  setTokens(tokens) {
    this.#tokens = tokens;
    writeFileSync(this.#tokenFile, JSON.stringify(tokens), { mode: 0o600 });
  }

  get tokens() {
    return this.#tokens;
  }

  /** What registers an account at a simulated vendor. @param {Vendor} vendor */
  keysOf(vendor) {
    return JSON.parse(readFileSync(`${this.access}/${vendor}.json`, "utf8"));
  }

  /**
   * Calls the API with the access key.
   * @param {string} method
   * @param {string} path
   * @param {{ body?: unknown, key?: string, expected?: number[] }} [options] `key`: the idempotency key
   */
  async api(method, path, { body, key, expected = [200, 201, 202, 204] } = {}) {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
    if (key) headers["idempotency-key"] = key;
    const response = await fetch(this.origin + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!expected.includes(response.status)) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /**
   * Gives a command to a simulated vendor.
   * @param {Vendor} vendor
   * @param {string} command such as `reply` or `faults`
   * @param {unknown} [body] nothing reads
   * @param {string} [method]
   */
  async simulator(vendor, command, body, method = body === undefined ? "GET" : "POST") {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
    const url = `${this.simulators[vendor]}/_simulator/${command}`;
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Asks again until the answer is it. @param {() => Promise<any>} ask @param {(answer: any) => boolean} isIt */
  async until(ask, isIt) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask();
      if (isIt(answer)) return answer;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)}`);
      await pause(100);
    }
  }

  async stop() {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(late);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of the pages share: a browser, the hospital around it (a shell that does what is asked for on standard
// output), TAP.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.NODE_FOLDER + "/");
const { chromium } = require("playwright-core");
const WAIT_MS = 60000; // a busy machine; nothing waits so long otherwise
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let count = 0;
let failed = 0;

// Has the shell do it: one of the words of hospital() in browser.test. Returns what it prints.
export async function hospital(words) {
  process.stdout.write("do " + words + "\n");
  const { value } = await answers.next();
  if (process.env.SAY) {
    console.error("# " + Math.round(performance.now() / 1000) + " s: " + words);
  }
  return value;
}

export function check(name, good, told = "") {
  count++;
  failed += good ? 0 : 1;
  process.stdout.write((good ? "ok " : "not ok ") + count + " - " + name + "\n");
  if (!good) {
    process.stdout.write(String(told).replace(/^/gm, "# ") + "\n");
  }
}

export function is(name, got, expected) {
  check(name, got === expected, "got:      " + got + "\nexpected: " + expected);
}

export function end() {
  process.stdout.write("1.." + count + "\n");
  process.exitCode = failed === 0 ? 0 : 1;
}

export async function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--mute-audio"],
  });
}

// What a page has asked for outside, and what its policy has refused: both are to stay empty. What is heard.
function attend(page, seen) {
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== process.env.SCREEN) {
      seen.outside.push(request.url());
    }
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !/ERR_|status of/.test(message.text())) {
      seen.problems.push(message.text());
    }
  });
  page.on("pageerror", (problem) => seen.problems.push(String(problem)));
}

const listen = () => {
  window.heard = [];
  document.addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective));
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function begin(...when) {
    window.heard.push(Math.round(this.frequency.value));
    return start.apply(this, when);
  };
};

// Opens a view as a person does: by an address that works once.
export async function openView(browser, view, options = {}) {
  const seen = { outside: [], problems: [] };
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "ja-JP", ...options });
  await context.addInitScript(listen);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  attend(page, seen);
  await page.goto(await hospital("address " + view));
  return { page, seen, context };
}

// The same page for axe, which must put its script into it: what the policy forbids, and only this context allows.
export async function accessibility(browser, view, prepare, options = {}) {
  const { page, context } = await openView(browser, view, { bypassCSP: true, ...options });
  await prepare(page);
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  await context.close();
  return found.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.html).join("; ")).join("\n");
}

export async function phrase(page, name) {
  await page.waitForSelector('main[data-phrase="' + name + '"]');
}

export async function staffShows(page, word) {
  await page.waitForSelector('body[data-state="' + word + '"]');
}

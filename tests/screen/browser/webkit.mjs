// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The pages in another engine than Chromium's: WebKitGTK, by W3C WebDriver. One reception, both views, and a core that stops.
import { check, end, hospital, is } from "./browser.mjs";

const driver = await hospital("webdriver");

async function call(method, path, body) {
  const answer = await fetch(driver + path, { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const { value } = await answer.json();
  if (!answer.ok) {
    throw new Error(method + " " + path + ": " + JSON.stringify(value));
  }
  return value;
}

const { sessionId, capabilities } = await call("POST", "/session", { capabilities: { alwaysMatch: {
  "webkitgtk:browserOptions": { binary: process.env.MINIBROWSER, args: ["--automation"] } } } });
const session = "/session/" + sessionId;
await call("POST", session + "/timeouts", { script: 60000 });
const evaluate = (script, ...args) => call("POST", session + "/execute/sync", { script, args });

// Resolves as soon as the page has an element like this.
const appears = (selector) => call("POST", session + "/execute/async", { args: [selector], script: `
  const [selector, done] = arguments;
  const look = () => document.querySelector(selector) !== null && (watch.disconnect(), done(true));
  const watch = new MutationObserver(look);
  watch.observe(document, { subtree: true, childList: true, attributes: true });
  look();` });

async function openView(view, handle) {
  await call("POST", session + "/window", { handle });
  await call("POST", session + "/url", { url: await hospital("address-on-display " + view) });
}

const text = (id) => evaluate("return document.getElementById(arguments[0]).textContent", id);

async function type(id, words) {
  const found = await call("POST", session + "/element", { using: "css selector", value: "#" + id });
  await call("POST", session + "/element/" + Object.values(found)[0] + "/value", { text: words });
}

check("the engine is WebKit", /MiniBrowser|WebKit|Epiphany/i.test(capabilities.browserName), JSON.stringify(capabilities));
const staff = await call("GET", session + "/window");
const { handle: patient } = await call("POST", session + "/window/new", { type: "tab" });
const show = (handle) => call("POST", session + "/window", { handle });

await openView("patient", patient);
await appears('main[data-phrase="preparing"]');
await openView("staff", staff);
await appears("#login:not([hidden])");
is("the address has no key any more", new URL(await call("GET", session + "/url")).search, "");
await hospital("card operator operator-reception");
await type("pin", "1234\uE007");
await appears("#lists:not([hidden])");
is("staff is logged in", await text("what"), "受付できます。カードを置いてもらってください。");
await show(patient);
await appears('main[data-phrase="put-card"]');
is("the patient is asked for a card", await text("phrase"), "マイナンバーカードを置いてください");
await hospital("card patient patient-1");
await appears('main[data-phrase="take-card"]');
is("and told that it is done", await text("phrase"), "終わりました。カードをお取りください");
await show(staff);
await appears('body[data-state="confirmed"]');
is("staff sees the grade", await text("badge"), "確定");
await appears("#person dd");
check("and whose card it was", (await text("person")).includes("見本"), await text("person"));
await hospital("desk-down");
await appears('body[data-core="stopped"]');
check("a core that stops is told", (await text("alarm")).includes("停止しました"), await text("alarm"));
await hospital("desk-up");
await appears('body[data-core="there"]');
is("and one that is back", await evaluate('return document.getElementById("alarm").hidden'), true);

await call("DELETE", session);
end();
process.exit();

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Somebody who has never seen it: logs in, receives one patient online, one offline and one wrong card, with nothing but
// what the page says, and with the keyboard alone. Then what every page must hold.
import { accessibility, check, end, hospital, is, open, openView, phrase, staffShows } from "./browser.mjs";

const browser = await open();
const staff = await openView(browser, "staff");
const patient = await openView(browser, "patient");
const page = staff.page;
const says = (id) => page.locator("#" + id).textContent();

// --- the newcomer ---------------------------------------------------------------------------------------------------------
await page.waitForSelector("#login:not([hidden])");
await phrase(patient.page, "preparing");
const begin = Date.now();
is("the page says what to do first", await says("login-help"), "オペレータカードを入れ、暗証番号を入力してください。");
await hospital("card operator operator-reception");
is("the field for the PIN has the focus", await page.evaluate(() => document.activeElement.id), "pin");
await page.keyboard.type("0000");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("login-answer").textContent !== "");
check("a wrong PIN: what is the matter, and what to do", /暗証番号が違います.*あと.*回.*もう一度/.test(await says("login-answer")),
  await says("login-answer"));
await page.keyboard.type("1234");
await page.keyboard.press("Enter");
await page.waitForSelector("#lists:not([hidden])");
is("then, what comes next", await says("what"), "受付できます。カードを置いてもらってください。");
await phrase(patient.page, "put-card");
is("and the patient is asked for a card", await patient.page.locator("#phrase").textContent(), "マイナンバーカードを置いてください");

await hospital("card patient patient-1");
await staffShows(page, "confirmed");
await phrase(patient.page, "take-card");
is("patient 1, online: the grade", await says("badge"), "確定");
await page.waitForFunction(() => document.getElementById("person").textContent.includes("見本"));
await page.waitForFunction(() => document.getElementById("list").children.length === 1);
check("the patient hears it: seen, and done", await patient.page.evaluate(() => window.heard.join(" ").endsWith("784 1047")),
  await patient.page.evaluate(() => window.heard.join(" ")));
check("no name is on the patient's page", !(await patient.page.content()).includes("見本"));
await hospital("empty patient");
await phrase(patient.page, "put-card");

await hospital("platform-down");
await hospital("card patient patient-2");
await staffShows(page, "provisional-c");
await phrase(patient.page, "ask");
is("patient 2, offline: the grade", await says("badge"), "暫定C");
check("and what to ask for", (await says("next")).includes("資格情報のお知らせ"), await says("next"));
await hospital("empty patient");

await hospital("card patient operator-doctor");
await staffShows(page, "operator-card-on-patient-reader");
await phrase(patient.page, "come");
check("a wrong card: what is the matter", (await says("what")).length > 5, await says("what"));
await hospital("empty patient");
await phrase(patient.page, "put-card");
const seconds = (Date.now() - begin) / 1000;
check("all that in less than two minutes (" + seconds.toFixed(1) + " s)", seconds < 120);

// --- lists, by keyboard ---------------------------------------------------------------------------------------------------
await page.locator("#words").focus();
await page.keyboard.type("ミホン");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("lists-title").textContent === "見つかった受付");
is("the patient is found again", await page.locator("#list li").count(), 1);
await page.locator("#list button").first().focus();
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("person").textContent.includes("見本"));
const controls = await page.evaluate(() => {
  const all = Array.from(document.querySelectorAll("button, input, select")).filter((one) => !one.disabled && one.offsetParent !== null);
  all.forEach((one, number) => { one.dataset.control = number; });
  document.activeElement.blur();
  return all.length;
});
const reached = new Set();
for (let i = 0; i < controls + 8; i++) { // a field for a day has several parts
  await page.keyboard.press("Tab");
  reached.add(await page.evaluate(() => document.activeElement.dataset.control));
  reached.delete(undefined);
}
is("every control is reached by Tab", reached.size, controls);

// --- what every page must hold ----------------------------------------------------------------------------------------------
for (const view of ["staff", "patient"]) {
  for (const [name, options] of [["", {}], [", 320 pixels wide", { viewport: { width: 320, height: 640 } }],
    [", forced colours", { forcedColors: "active" }], [", reduced motion", { reducedMotion: "reduce" }]]) {
    const ready = (one) => one.waitForSelector(view === "staff" ? "#lists:not([hidden])" : 'main[data-phrase="put-card"]');
    is("axe finds nothing: " + view + name, await accessibility(browser, view, ready, options), "");
  }
  const small = await openView(browser, view, { viewport: { width: 320, height: 640 } });
  await small.page.waitForSelector(view === "staff" ? "#lists:not([hidden])" : 'main[data-phrase="put-card"]');
  is("nothing is cut off at 320 pixels: " + view,
    await small.page.evaluate(() => document.documentElement.scrollWidth), 320);
  const least = view === "staff" ? 48 : 56; // 15 mm are 56.7 CSS pixels
  is("targets are large enough: " + view, await small.page.evaluate((size) => Array.from(document.querySelectorAll("button, input, select"))
    .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < size).map((one) => one.id).join(" "), least), "");
  await small.context.close();
}

// --- languages --------------------------------------------------------------------------------------------------------------
await patient.page.click('button[data-language="easy"]');
check("easy Japanese", (await patient.page.locator("#phrase").textContent()).includes("ここに おいて"));
await patient.page.click('button[data-language="en"]');
is("English", await patient.page.locator("#phrase").textContent(), "Please put your My Number card here");
is("which the page says of itself", await patient.page.evaluate(() => document.documentElement.lang), "en");
await page.click("#language");
is("staff in English", await says("lists-title"), "Receptions found");

// --- the core stops -----------------------------------------------------------------------------------------------------------
await hospital("desk-down");
await page.waitForSelector('body[data-core="stopped"]');
check("staff is told that the core has stopped", (await says("alarm")).includes("stopped"), await says("alarm"));
is("and the patient waits", await patient.page.locator("#phrase").textContent(), "Please wait a moment");
is("nobody's name stays there", await page.evaluate(() => document.body.textContent.includes("見本")), false);
await hospital("desk-up");
await page.waitForSelector("#login:not([hidden])");
check("it comes back by itself", await page.locator("#alarm").isHidden());
await hospital("screen-down");
await page.waitForSelector('body[data-core="stopped"]');
await hospital("screen-up");
await page.waitForSelector('body[data-core="there"]');
check("also when the pages' server was away", await page.locator("#alarm").isHidden());

for (const [name, view] of [["staff", staff], ["patient", patient]]) {
  is("no request has left this machine: " + name, view.seen.outside.join("\n"), "");
  is("nothing broke, and the policy had nothing to refuse: " + name, view.seen.problems.join("\n"), "");
}
await browser.close();
end();
process.exit();

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The slip for the patient: what the browser prints and what the desk writes as PDF have the same content, in both languages,
// and nothing else of the page goes onto the paper.
import { writeFileSync } from "node:fs";
import { check, end, hospital, is, open, openView, phrase } from "./browser.mjs";

const browser = await open();
const staff = await openView(browser, "staff");
const patient = await openView(browser, "patient");
const page = staff.page;
const printed = process.env.HOME + "/printed.pdf"; // the hospital's folder
const without = (words) => words.replace(/\s+/g, "");

await hospital("card operator operator-reception");
await page.waitForSelector("#login:not([hidden])");
check("nobody is shown: nothing to print", await page.locator("#print").isHidden() && await page.locator("#pdf").isHidden());
await page.fill("#pin", "1234");
await page.click('#login-form button[type="submit"]');
await phrase(patient.page, "put-card");
await page.evaluate(() => { window.print = () => { window.prints = (window.prints || 0) + 1; }; });

// --- the folder for other programs is not there ------------------------------------------------------------------------------
await hospital("card patient patient-1");
await page.waitForSelector("#print:not([hidden])");
await page.click("#pdf");
await page.waitForSelector('#slip-answer[data-reason="neighbours-folder"]');
check("without a folder: why, and whom to tell", (await page.textContent("#slip-answer")).includes("管理者"), await page.textContent("#slip-answer"));
const folder = await hospital("slips");

// What is on paper, from the browser and from the desk.
async function both() {
  await page.evaluate(() => { document.getElementById("slip-answer").dataset.reason = ""; });
  await page.click("#pdf");
  await page.waitForSelector('#slip-answer[data-reason="ok"]');
  const file = (await page.textContent("#slip-answer")).replace(/.*: */, "");
  writeFileSync(printed, await page.pdf({ preferCSSPageSize: true }));
  return [await hospital("words-of " + printed), await hospital("words-of " + folder + "/" + file)];
}

async function same(name, ...wanted) {
  const [fromBrowser, fromDesk] = await both();
  is(name + ": the same content", without(fromBrowser), without(fromDesk));
  for (const words of wanted) {
    check(name + ": it says " + words, without(fromDesk).includes(without(words)), fromDesk);
  }
}

await same("confirmed", "受付票", "見本花子", "1985-04-12", "資格確定", "これから");
await page.click("#language");
await page.waitForFunction(() => document.getElementById("slip-title").textContent === "Reception slip");
await same("confirmed, in English", "Reception slip", "Birth date", "What is next");
await page.click("#language");
await page.waitForFunction(() => document.getElementById("slip-title").textContent === "受付票");
await page.click("#print");
is("the button prints", await page.evaluate(() => window.prints), 1);
await hospital("empty patient");

// --- offline, a person whom nobody knows here --------------------------------------------------------------------------------
await phrase(patient.page, "put-card");
await hospital("platform-down");
await hospital("card patient patient-2");
await page.waitForSelector('body[data-state="provisional-c"]');
await page.waitForFunction(() => !document.getElementById("slip-lines").textContent.includes("見本") && document.getElementById("slip-title").textContent !== "");
await same("provisional C", "受付番号", "資格情報のお知らせ");

// --- an answer that comes late --------------------------------------------------------------------------------------------------
await hospital("empty patient");
await phrase(patient.page, "put-card");
let release;
const held = new Promise((resolve) => { release = resolve; });
await page.route("**/staff/do", async (route) => {
  if (!route.request().postData().includes("today show")) {
    return route.continue();
  }
  const answer = await route.fetch();
  await held;
  return route.fulfill({ response: answer });
});
const late = page.waitForResponse((one) => (one.request().postData() || "").includes("today show"));
await hospital("card patient patient-1");
await page.waitForSelector('body[data-state="provisional-a"]');
await hospital("empty patient");
await hospital("card patient operator-doctor");
await page.waitForSelector('body[data-state="operator-card-on-patient-reader"]');
release();
await (await late).finished();
await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
is("the patient of before is not shown with the next one's answer", await page.textContent("#person"), "");
await page.unroute("**/staff/do");
await hospital("empty patient");

// --- nobody is logged in -------------------------------------------------------------------------------------------------------
await hospital("empty operator");
await page.waitForSelector("#login:not([hidden])");
is("nobody's slip stays in the page", without(await page.textContent("#slip")), "");
is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

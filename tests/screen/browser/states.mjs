// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// States of the table, each reached by a real cause (a card, a service, the Secure Element) and shown in both languages;
// PICTURES: a folder for a picture of each.
import { check, end, hospital, is, open, openView, phrase, staffShows } from "./browser.mjs";

const SIZE = { width: 800, height: 500 };
const folder = process.env.PICTURES || "";
const browser = await open();
const staff = await openView(browser, "staff", { viewport: SIZE, reducedMotion: "reduce" });
const patient = await openView(browser, "patient", { viewport: SIZE, reducedMotion: "reduce" });

// The clock is no part of a state: the same picture each time.
async function takePicture(page, name) {
  if (folder !== "") {
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: folder + "/" + name + ".png", clip: { x: 0, y: 0, ...SIZE }, animations: "disabled",
      mask: [page.locator("#facts div:last-child"), page.locator("#person div:last-child")], maskColor: "#eef2f6" });
  }
}

const staffWords = () => staff.page.evaluate(() => Array.from(document.querySelectorAll("#alarm, #what, #next"))
  .filter((one) => one.offsetParent !== null).map((one) => one.textContent).join(" "));

async function bothLanguages(view, name, words, change, back) {
  const first = await words();
  await takePicture(view.page, name + "-ja");
  await view.page.click(change);
  const second = await words();
  await takePicture(view.page, name + "-en");
  await view.page.click(back);
  check(name + ": in Japanese and in English", /[ぁ-ん]/.test(first) && /[A-Za-z]{3}/.test(second) && first !== second,
    first + "\n" + second);
}

async function showStaff(name) {
  await bothLanguages(staff, "staff-" + name, staffWords, "#language", "#language");
}

const pictured = new Set();

async function showPatient(name) {
  await phrase(patient.page, name);
  if (pictured.has(name)) {
    return;
  }
  pictured.add(name);
  await bothLanguages(patient, "patient-" + name, () => patient.page.locator("#phrase").textContent(),
    'button[data-language="en"]', 'button[data-language="ja"]');
}

async function logIn() {
  await hospital("card operator operator-reception");
  await staff.page.waitForSelector("#login:not([hidden])");
  await staff.page.fill("#pin", "1234");
  await staff.page.keyboard.press("Enter");
  await staff.page.waitForSelector("#lists:not([hidden])");
}

// --- before anybody works --------------------------------------------------------------------------------------------------
await staff.page.waitForSelector("#login:not([hidden])");
await showPatient("preparing");
await takePicture(staff.page, "staff-login-ja");
await logIn();
await showPatient("put-card");
await showStaff("ready");

// --- cards: [card, what staff sees, what the patient is told] ----------------------------------------------------------------
const CARDS = [
  ["patient-1", "confirmed", "take-card"],
  ["patient-expired", "patient-certificate-expired", "come"],
  ["patient-revoked", "patient-certificate-revoked", "come"],
  ["patient-foreign", "patient-certificate-foreign", "come"],
  ["patient-not-yet-valid", "patient-certificate-not-yet-valid", "come"],
  ["operator-doctor", "operator-card-on-patient-reader", "come"],
];
for (const [card, word, told] of CARDS) {
  await hospital("card patient " + card);
  await staffShows(staff.page, word);
  await showPatient(told);
  if (word === "confirmed") {
    await staff.page.waitForFunction(() => document.getElementById("person").textContent.includes("見本"));
  }
  await showStaff(word);
  await hospital("empty patient");
  await phrase(patient.page, "put-card");
}

// --- without the platform ------------------------------------------------------------------------------------------------------
await hospital("platform-down");
for (const [card, word, told] of [["patient-1", "provisional-a", "take-card"], ["patient-2", "provisional-c", "ask"]]) {
  await hospital("card patient " + card);
  await staffShows(staff.page, word);
  await showPatient(told);
  await showStaff(word);
  await hospital("empty patient");
  await phrase(patient.page, "put-card");
}
await hospital("platform-up");

// --- a card that stays -----------------------------------------------------------------------------------------------------------
await hospital("card patient patient-1");
await showPatient("card-left");
await hospital("empty patient");

// --- sessions, the Secure Element, the core ----------------------------------------------------------------------------------------
await hospital("empty operator");
await staffShows(staff.page, "operator-card-removed");
await showPatient("preparing");
await showStaff("operator-card-removed");
await hospital("card operator operator-expired");
await staff.page.fill("#pin", "1234");
await staff.page.keyboard.press("Enter");
await staff.page.waitForFunction(() => document.getElementById("login-answer").textContent !== "");
check("an operator card that has expired: why", (await staff.page.locator("#login-answer").textContent()).includes("有効期限切れ"),
  await staff.page.locator("#login-answer").textContent());
await takePicture(staff.page, "staff-operator-certificate-expired-ja");
await hospital("empty se");
await staff.page.waitForSelector("#alarm:not([hidden])");
await showStaff("se-removed");
await hospital("desk-down");
await staff.page.waitForSelector('body[data-core="stopped"]');
await showStaff("stopped");

is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

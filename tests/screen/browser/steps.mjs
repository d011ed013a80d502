// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Steps of the table in states-table.mjs that are more than a cause and a word: what a doctor and an administrator do, and
// what is checked on the way.
import { check, hospital, is, phrase } from "./browser.mjs";
import { logIn, patient, reaches, showLeft, showPatient, showSaid, staff, typePin } from "./stage.mjs";

const page = staff.page;
const contains = (id, words) => page.waitForFunction(([place, wanted]) => document.getElementById(place).textContent.includes(wanted), [id, words]);
const rows = () => page.locator("#list li").count();

// --- administration --------------------------------------------------------------------------------------------------------

export async function decide(action, pin, value = "") {
  await page.selectOption("#decision", action);
  if (value !== "") {
    await page.fill("#decision-value", value);
  }
  await page.fill("#office-pin", pin === "chip" ? await hospital("unlock-pin") : pin);
  await page.click('#office-form button[type="submit"]');
}

export async function said(action, words) {
  await contains("office-answer", words);
  check("on the page alone: " + action + ", " + words, true);
}

async function look(what, wanted) {
  await page.click('button[data-look="' + what + '"]');
  await contains("office-facts", wanted);
  check("administration shows: " + what, true);
}

async function lookAtAll() {
  for (const [what, wanted] of [["status", "1"], ["limits show", "72"], ["anchors show", "CA"], ["institutions show", "なし"], ["audit", "login"]]) {
    await look(what, wanted);
  }
}

async function logInHere() {
  await page.waitForSelector("#login:not([hidden])");
  await typePin("1234");
  await page.waitForSelector("#lists:not([hidden])");
}

async function unlockedAtTheShell() {
  await hospital("unlock");
  await page.waitForSelector("#alarm[hidden]", { state: "attached" });
  await logIn();
}

// --- a doctor's visit records -------------------------------------------------------------------------------------------------

export async function sign(who, pin) {
  await page.fill("#visit-patient", who);
  await page.fill("#visit-pin", pin);
  await page.click('#visit-form button[type="submit"]');
}

async function openVisit() {
  await page.waitForFunction(() => document.querySelectorAll("#list li").length >= 1);
  await page.click("#list li:first-child button:nth-of-type(2)");
  check("the record is of the one who was chosen", (await page.textContent("#visit-who")).includes("見本"), await page.textContent("#visit-who"));
}

async function writeVisit() {
  await page.evaluate(() => { document.getElementById("visit-answer").dataset.reason = ""; });
  await sign("見本花子", "ABC123");
  await page.waitForSelector('#visit-answer:not([data-reason=""])');
  check("it is registered", (await page.textContent("#visit-answer")).includes("登録しました"), await page.textContent("#visit-answer"));
  await contains("list", "受診記録: 登録");
}

async function allHaveVisits() {
  await page.click("#visit-close");
  await page.selectOption("#filter", "without-visit");
  await page.waitForFunction(() => document.querySelectorAll("#list li").length === 0);
  check("those without a record are none", true);
  await page.selectOption("#filter", "all");
}

// --- the desk ----------------------------------------------------------------------------------------------------------------

async function cardStays(card) {
  await hospital("card patient " + card);
  await reaches("confirmed");
  await phrase(patient.page, "card-left");
  await showPatient("card-left");
  await showLeft();
  await hospital("empty patient");
}

async function slipInVain() {
  await page.waitForSelector("#pdf:not([hidden])");
  await showSaid("neighbours-folder", "slip-answer", () => page.click("#pdf"));
}

async function searchInVain() {
  await showSaid("search", "lists-answer", async () => {
    await page.fill("#words", "777 778");
    await page.click('#find button[type="submit"]');
  });
}

async function markDone() {
  const before = await rows();
  await page.click("#list li button:nth-of-type(2)");
  await page.waitForFunction((count) => document.querySelectorAll("#list li").length === count - 1, before);
  check("who has been called is off the list", true);
}

async function fourItems() {
  await hospital("card patient patient-2");
  await page.waitForSelector('body[data-state="no-coverage-known"]');
  await page.click("#items-open");
  await page.fill("#items-pin", "9999");
  await page.click('#items-form button[type="submit"]');
  await page.waitForSelector('#items-answer[data-reason="pin-wrong"]');
  check("a wrong number: why", (await page.textContent("#items-answer")).includes("違います"), await page.textContent("#items-answer"));
  await page.fill("#items-pin", "1234");
  await page.click('#items-form button[type="submit"]');
  await page.waitForFunction(() => document.querySelectorAll("#items dd").length === 4);
  check("the four items are shown", (await page.textContent("#items")).includes("例示"), await page.textContent("#items"));
  await hospital("empty patient");
  await page.waitForFunction(() => document.querySelectorAll("#items dd").length === 0);
  check("and go with the card", await page.locator("#items-form").isHidden());
}

async function nobodyStays() {
  is("nobody's name stays on the patient's page", (await patient.page.content()).includes("見本"), false);
}

async function coreStops() {
  await hospital("desk-down");
  await page.waitForSelector('body[data-core="stopped"]');
}

export const STEPS = {
  office: () => page.click("#office-open"),
  look,
  "look-at-all": lookAtAll,
  "log-in-here": logInHere,
  "log-out": () => page.click("#logout"),
  "logged-out": () => page.waitForSelector("#login:not([hidden])"),
  "unlocked-at-the-shell": unlockedAtTheShell,
  "open-visit": openVisit,
  "write-visit": writeVisit,
  "all-have-visits": allHaveVisits,
  "card-stays": cardStays,
  "by-face": () => page.click("#by-face"),
  again: () => page.click("#again"),
  receive: () => page.click("#receive"),
  "search-in-vain": searchInVain,
  "slip-in-vain": slipInVain,
  "platform-unreachable": () => showSaid("platform-unreachable", "lists-answer", () => page.click("#reconcile")),
  "mark-done": markDone,
  "four-items": fourItems,
  "nobody-stays": nobodyStays,
  "core-stops": coreStops,
};

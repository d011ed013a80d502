// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// States of the table that services, the clock, the disk and the Secure Element lead to; and administration, by which work
// goes on afterwards.
import { check, end, hospital, is } from "./browser.mjs";
import { browser, logIn, oneCard, patient, restart, showAlarm, showAnswer, showPage, showPatient, showSaid, staff, typePin }
  from "./stage.mjs";

const page = staff.page;
const inLogin = (word) => showSaid(word, "login-answer", () => typePin("1234"));
await hospital("more-cards");
await logIn();
await oneCard("patient-1", "confirmed", "take-card");

// --- services -----------------------------------------------------------------------------------------------------------
await hospital("platform-false");
await oneCard("patient-1", "platform-untrusted", "come");
await hospital("platform-true");
await restart("list-gone");
await oneCard("patient-1", "revocation-list", "come");
await restart("list-back");
await restart("desk-forged-chain");
await oneCard("patient-1", "institution-certificate-refused", "come");
await restart("desk-true");

// --- the disk is full ---------------------------------------------------------------------------------------------------------
await hospital("disk 1");
await oneCard("patient-1", "store", "come");
await hospital("disk 0");
await oneCard("patient-1", "confirmed", "take-card");

// --- administration: what is in force -------------------------------------------------------------------------------------------
await page.click("#office-open");
for (const [look, wanted] of [["status", "T"], ["limits show", "72"], ["anchors show", "CA"], ["institutions show", "なし"],
  ["audit", "login"]]) {
  await page.click('button[data-look="' + look + '"]');
  await page.waitForFunction((one) => document.getElementById("office-facts").textContent.includes(one), look === "status" ? "1" : wanted);
  check("administration shows: " + look, true);
}
const decide = (action, pin, value = "") => async () => {
  await page.selectOption("#decision", action);
  if (value !== "") {
    await page.fill("#decision-value", value);
  }
  await page.fill("#office-pin", pin);
  await page.click('#office-form button[type="submit"]');
};
const said = (wanted) => page.waitForFunction((one) => document.getElementById("office-answer").textContent.includes(one), wanted);
await hospital("card operator operator-administrator-1");
await decide("limits propose", "1234", "offline-hours=48")();
await said("1人目");
await hospital("card operator operator-administrator-2");
await decide("limits confirm", "1234")();
await said("完了");
await page.waitForSelector("#login:not([hidden])");
await typePin("1234");
await page.waitForSelector("#lists:not([hidden])");
await page.click('button[data-look="limits show"]');
await page.waitForFunction(() => document.getElementById("office-facts").textContent.includes("48"));
check("two administrators have changed a limit, on the page alone", true);
await page.click("#office-open");

// --- the Secure Element --------------------------------------------------------------------------------------------------------
await logIn();
for (const [trouble, word] of [["se-wrong-pin", "se-pin-tried"], ["se-copyist", "se-channel-jumped"],
  ["se-signs", "se-counter-jumped"]]) {
  await hospital(trouble);
  await showAlarm(word);
  await showPatient("preparing");
  await hospital("unlock");
  await page.waitForSelector("#alarm[hidden]", { state: "attached" });
  await logIn();
}
await hospital("se-lock");
await showAlarm("se-locked");
await hospital("se-unlock");
await hospital("unlock");
await logIn();
await hospital("empty se");
await showAlarm("se-removed");
await page.click("#office-open");
const inOffice = (word, action, pin) => showSaid(word, "office-answer", decide(action, pin));
const pin = await hospital("unlock-pin");
await inOffice("se-missing", "unlock", pin);
await hospital("card se blank");
await inOffice("se-foreign", "unlock", pin);
await hospital("card se se-1");
await inOffice("se-pin-wrong", "unlock", "000000");
await hospital("card operator operator-administrator-1");
await decide("unlock card", "1234")();
await said("完了");
check("an administrator has unlocked the terminal, on the page alone", true);
await page.click("#office-open");
await page.waitForSelector("#login:not([hidden])");
await showAnswer("unlocked");

// --- paired anew -------------------------------------------------------------------------------------------------------------------
await logIn();
await hospital("se-pair-elsewhere");
await showAlarm("se-unbound");
await hospital("card se se-1");
await hospital("se-pair-here");
await page.waitForSelector('body[data-core="there"]');
await page.click("#office-open");
await inOffice("se-paired-anew", "unlock", pin);
for (const [number, words] of [[1, "1人目"], [2, "完了"]]) {
  await hospital("card operator operator-administrator-" + number);
  await decide("se replace", "1234")();
  await said(words);
}
check("two administrators have accepted the chip, on the page alone", true);
await decide("unlock", pin)();
await said("完了");
await page.click("#office-open");
await logIn();

// --- the clock ----------------------------------------------------------------------------------------------------------------------
await hospital("platform-down");
await hospital("empty operator");
await page.waitForSelector("#login:not([hidden])");
await hospital("card operator operator-reception");
await hospital("clock -172800");
await inLogin("clock-behind");
await hospital("clock 94608000");
await inLogin("clock-ahead");
await hospital("clock 345600");
await logIn();
await oneCard("patient-1", "maximum-offline-period", "come");
await hospital("empty operator");
await hospital("clock 0");
await hospital("platform-up"); // whose signed time confirms the clock
await logIn();

// --- pcscd ----------------------------------------------------------------------------------------------------------------------------
await hospital("pcscd-down");
await showAlarm("se-away");
await inLogin("pcscd-absent");
await hospital("pcscd-up");

// --- the end of a chip, and of the core --------------------------------------------------------------------------------------------------
await logIn();
await hospital("platform-revokes");
await oneCard("patient-1", "platform-refused", "come");
await hospital("se-terminate");
await showAlarm("se-terminated");
await hospital("desk-down");
await page.waitForSelector('body[data-core="stopped"]');
await showPage("stopped", "#alarm");

is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

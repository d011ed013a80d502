// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// States of the table that staff's cards, PINs, lists and visit records lead to.
import { check, end, hospital, is } from "./browser.mjs";
import { browser, logIn, oneCard, patient, showAnswer, showPatient, showRow, showSaid, staff, typePin }
  from "./stage.mjs";

const page = staff.page;
await page.waitForSelector("#login:not([hidden])");
await hospital("operator-cards");

// --- operators' cards: [card, word] -------------------------------------------------------------------------------------
const inLogin = (word, pin = "1234") => showSaid(word, "login-answer", () => typePin(pin));
await inLogin("no-operator-card");
await hospital("more-cards");
for (const [card, word] of [
  ["operator-expired", "operator-certificate-expired"],
  ["operator-early", "operator-certificate-not-yet-valid"],
  ["operator-foreign", "operator-certificate-foreign"],
  ["operator-mail", "operator-certificate"],
  ["operator-porter", "operator-without-role"],
  ["operator-homeless", "operator-card-without-institution"],
  ["operator-other", "operator-card-other-institution"],
  ["operator-empty", "operator-card-without-certificate"],
  ["patient-2", "patient-card-in-operator-reader"],
  ["blank", "not-an-operator-card"],
]) {
  await hospital("card operator " + card);
  await inLogin(word);
}
await hospital("card operator operator-good");
await inLogin("pin-form", "12x4");
await inLogin("pin-wrong", "9999");
await inLogin("pin-blocked", "9999");

// --- a session begins and ends --------------------------------------------------------------------------------------------
await logIn();
await oneCard("patient-1", "confirmed", "take-card");
await hospital("empty operator");
await showAnswer("operator-card-removed");
await showPatient("preparing");
await logIn("doctor");
await page.click("#receive");
await showAnswer("role");
await page.click("#logout");
await showAnswer("operator-out");

// --- the doctor's visit records -------------------------------------------------------------------------------------------------
await logIn("doctor");
await page.waitForFunction(() => document.querySelectorAll("#list li").length === 1);
await page.click("#list li button:nth-of-type(2)");
is("the record is of the one who was chosen", (await page.textContent("#visit-who")).includes("見本"), true);
const sign = (who, pin) => async () => {
  await page.fill("#visit-patient", who);
  await page.fill("#visit-pin", pin);
  await page.click('#visit-form button[type="submit"]');
};
const inVisit = (word, who = "見本花子", pin = "ABC123") => showSaid(word, "visit-answer", sign(who, pin));
await inVisit("other-patient", "例示太郎");
await inVisit("sign-pin-form", "見本花子", "12");
await inVisit("sign-pin-wrong", "見本花子", "XYZ999");
await page.evaluate(() => { document.getElementById("visit-answer").dataset.reason = ""; });
await sign("見本花子", "ABC123")();
await page.waitForSelector('#visit-answer:not([data-reason=""])');
check("it is registered", (await page.textContent("#visit-answer")).includes("登録しました"), await page.textContent("#visit-answer"));
await page.waitForFunction(() => document.querySelector("#list li").textContent.includes("受診記録: 登録"));
await inVisit("already-registered");
await page.click("#visit-close");
await page.selectOption("#filter", "without-visit");
is("those without a record are none", await page.locator("#list li").count(), 0);
await page.selectOption("#filter", "all");

// --- lists ------------------------------------------------------------------------------------------------------------------------
await logIn();
await showSaid("search", "lists-answer", async () => {
  await page.fill("#words", "777 778");
  await page.click('#find button[type="submit"]');
});
await hospital("persons none");
await hospital("platform-down");
await oneCard("patient-1", "provisional-a", "take-card");
await showSaid("platform-unreachable", "lists-answer", () => page.click("#reconcile"));
await hospital("platform-up");

// --- what turns out later ------------------------------------------------------------------------------------------------------------
await showRow("lost", "受診日に有効な資格がありませんでした。");
await page.click("#list li button:nth-of-type(2)");
await page.waitForFunction(() => document.querySelectorAll("#list li").length === 0);
check("who has been called is off the list", true);
// --- no record without coverage --------------------------------------------------------------------------------------------------------
await logIn("doctor");
await page.waitForFunction(() => document.querySelectorAll("#list li").length >= 1);
await page.click("#list li:first-child button:nth-of-type(2)");
await inVisit("not-eligible");
await page.click("#visit-close");

// --- the four basic items ------------------------------------------------------------------------------------------------------------------
await logIn();
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

// --- a card that was reported lost -------------------------------------------------------------------------------------------------------------
await hospital("revoke-receptionist");
await page.click("#logout");
await page.waitForSelector("#login:not([hidden])");
await inLogin("operator-certificate-revoked");

is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

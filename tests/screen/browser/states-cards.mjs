// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// States of the table that a patient's card, or the platform's answer about it, leads to.
import { check, end, hospital, is, phrase } from "./browser.mjs";
import { browser, logIn, oneCard, patient, reaches, restart, showAnswer, showLeft, showPage, showPatient, staff, takeAway } from "./stage.mjs";

const page = staff.page;

// --- before anybody works ----------------------------------------------------------------------------------------------
await page.waitForSelector("#login:not([hidden])");
await showPatient("preparing");
await showPage("login", "#login-help");
await hospital("platform-down");
await logIn();
await showPatient("put-card");
await showPage("ready", "#what");
await oneCard("patient-1", "never-online", "come");
await hospital("platform-up");

// --- cards: [card, what staff sees, what the patient is told] -----------------------------------------------------------
await hospital("more-cards");
for (const [card, word, told] of [
  ["patient-1", "confirmed", "take-card"],
  ["patient-expired", "patient-certificate-expired", "come"],
  ["patient-revoked", "patient-certificate-revoked", "come"],
  ["patient-foreign", "patient-certificate-foreign", "come"],
  ["patient-not-yet-valid", "patient-certificate-not-yet-valid", "come"],
  ["operator-doctor", "operator-card-on-patient-reader", "come"],
  ["blank", "foreign-card", "other-card"],
  ["phone", "patient-phone", "other-card"],
]) {
  await oneCard(card, word, told);
}

// --- while it is read ------------------------------------------------------------------------------------------------------
await hospital("fault patient delay=400");
await hospital("card patient patient-1");
await reaches("step");
await showPatient("reading");
await showAnswer("step");
await hospital("fault patient clear");
await reaches("confirmed");
await takeAway();

// --- it leaves too early, it cannot be read ---------------------------------------------------------------------------------
await hospital("fault patient remove-before=12");
await hospital("card patient patient-1");
await reaches("card-removed");
await showPatient("again");
await showAnswer("card-removed");
await hospital("empty patient");

// --- what the platform answers ------------------------------------------------------------------------------------------------
for (const [persons, word, told] of [["ended", "not-covered", "come"], ["later", "not-covered-yet", "come"],
  ["none", "no-coverage-known", "come"], ["several", "several-coverages", "come"]]) {
  await hospital("persons " + persons);
  await oneCard("patient-1", word, told);
}
await hospital("persons true");
await oneCard("patient-1", "confirmed", "take-card");

// --- without the platform ------------------------------------------------------------------------------------------------------
await hospital("platform-freeze");
await hospital("fault patient delay=250");
await hospital("card patient patient-1");
await reaches("platform-silent");
await showAnswer("platform-silent");
await hospital("fault patient clear");
await reaches("provisional-a");
await showAnswer("provisional-a");
await takeAway();
await hospital("platform-thaw");
await hospital("platform-down");
await oneCard("patient-2", "provisional-c", "ask");
await restart("desk-limits offline-count=1");
await oneCard("patient-2", "maximum-offline-count", "come");
await hospital("platform-up");
await restart("desk-limits");

// --- the same card again, a card that stays ---------------------------------------------------------------------------------------
await hospital("card patient patient-2");
await reaches("confirmed");
await phrase(patient.page, "card-left");
await showPatient("card-left");
await showLeft();
await hospital("empty patient");
await restart("desk-same-card 10");
await oneCard("patient-2", "received-already", "ask");
await restart("desk-same-card 0");
await page.click("#receive");
await showAnswer("no-patient-card");
check("nobody's name stays", !(await patient.page.content()).includes("見本"));

is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

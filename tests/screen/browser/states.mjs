// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Every state of the table that people at the counter can meet, by a real cause: one chapter (cards, staff, machine) of
// states-table.mjs, row by row.
import { end, hospital, is } from "./browser.mjs";
import { browser, logIn, oneCard, patient, reaches, restart, showAlarm, showAnswer, showPage, showPatient, showRow, showSaid, staff,
  takeAway, typePin } from "./stage.mjs";
import { CHAPTERS } from "./states-table.mjs";
import { decide, said, sign, STEPS } from "./steps.mjs";

const page = staff.page;

async function lay(image, state, told) {
  await hospital("card patient " + image);
  if (!await reaches(state)) {
    return;
  }
  if (told !== "") {
    await showPatient(told);
  }
  await showAnswer(state);
}

const VERBS = {
  do: hospital,
  restart,
  login: logIn,
  card: oneCard,
  lay,
  "take-away": takeAway,
  answer: showAnswer,
  alarm: showAlarm,
  comes: reaches,
  patient: showPatient,
  page: showPage,
  refused: (state, pin = "1234") => showSaid(state, "login-answer", () => typePin(pin)),
  refuses: (state, action, pin) => showSaid(state, "office-answer", () => decide(action, pin)),
  decide: async (action, pin, words, value) => {
    await decide(action, pin, value);
    await said(action, words);
  },
  visit: (state, who = "見本花子", pin = "ABC123") => showSaid(state, "visit-answer", () => sign(who, pin)),
  row: showRow,
};

await page.waitForSelector("#login:not([hidden])");
for (const [verb, ...words] of CHAPTERS[process.argv[2]]) {
  await (VERBS[verb] || STEPS[verb])(...words);
}
is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The doctor's visit record: for the patient who was chosen from the list, confirmed by what the doctor types about whom
// the list shows, and signed with the doctor's card. The page has no part in the comparison: the core does it, before the
// PIN reaches the card.
import { ask, place, take } from "/ask.js";

let evidence = "";

export function closeVisit() {
  evidence = "";
  place("visit").hidden = true;
  place("visit-who").textContent = "";
  place("visit-patient").value = "";
  place("visit-pin").value = "";
  place("visit-answer").textContent = "";
}

export function openVisit(one, who) {
  closeVisit();
  evidence = one.evidenceId;
  place("visit").hidden = false;
  place("visit-who").textContent = who;
  place("visit-patient").focus();
}

// done(): a record was signed, so lists have changed.
export function beginVisit(t, sayOf, done) {
  async function sign(event) {
    event.preventDefault();
    const answer = await ask("visit", { evidence, patient: place("visit-patient").value }, take(place("visit-pin")));
    const kept = answer.visitState || "registered"; // where it was not sent, the answer says so
    place("visit-answer").textContent = answer.ok ? t("visit-" + kept) : sayOf(answer);
    place("visit-answer").dataset.reason = answer.ok ? kept : answer.reason || "";
    if (answer.ok) {
      place("visit-patient").value = "";
      done();
    } else {
      place(answer.reason === "other-patient" || answer.reason === "confirm-patient" ? "visit-patient" : "visit-pin").focus();
    }
  }

  place("visit-form").addEventListener("submit", sign);
  place("visit-close").addEventListener("click", closeVisit);
}

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The slip for the patient, of the reception that is shown. Its words are the core's, the same on paper from this browser and
// in the file that the core writes for other programs.
import { ask, fill, place } from "/ask.js";

// slip: of the core's report; undefined: nobody is shown.
export function drawSlip(slip) {
  place("slip-title").textContent = slip ? slip.title : "";
  fill(place("slip-lines"), slip ? slip.lines : []);
}

// t: the page's texts; sayOf: the words of a failure; shown(): the evidence id of the reception that is shown.
export function beginSlip(t, sayOf, shown) {
  place("print").addEventListener("click", () => window.print());
  place("pdf").addEventListener("click", async () => {
    const answer = await ask("today slip", { arguments: [shown()] });
    place("slip-answer").textContent = answer.ok ? t("slipWritten") + answer.file : sayOf(answer);
    place("slip-answer").dataset.reason = answer.ok ? "ok" : answer.reason || "";
  });
}

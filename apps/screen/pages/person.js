// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The four basic items of the patient's card (name, address, birth date, sex), by the number that the patient types or
// says. They hide by themselves, and with the card, the result or the session that they belong to.
import { ask, fill, place, take } from "/ask.js";

const ITEMS = ["name", "address", "birthDate", "sex"];
const SHOWN_MS = 30000;
let until = 0;

export function hideItems() {
  clearTimeout(until);
  until = 0;
  place("items").replaceChildren();
  place("items-hide").hidden = true;
}

export function closeItems() {
  hideItems();
  place("items-form").hidden = true;
  place("items-pin").value = "";
  place("items-answer").textContent = "";
}

// t: the page's texts; sayOf: the words of a failure.
export function beginItems(t, sayOf) {
  async function show(event) {
    event.preventDefault();
    hideItems();
    const answer = await ask("person", {}, take(place("items-pin")));
    const failed = answer.ok ? "" : sayOf(answer);
    place("items-answer").textContent = failed;
    place("items-answer").dataset.reason = answer.reason || "";
    if (!answer.ok) {
      place("items-pin").focus();
      return;
    }
    place("items-answer").textContent = t("itemsHide");
    place("items-hide").hidden = false;
    fill(place("items"), ITEMS.filter((name) => answer[name])
      .map((name) => [t(name), name === "sex" ? t(answer[name]) : answer[name]]));
    until = setTimeout(closeItems, SHOWN_MS);
  }

  place("items-open").addEventListener("click", () => {
    place("items-form").hidden = false;
    place("items-pin").focus();
  });
  place("items-form").addEventListener("submit", show);
  place("items-hide").addEventListener("click", closeItems);
}

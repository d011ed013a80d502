// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Administration: what is in force, and what two administrators decide. Each step is one card and one PIN at the operator's
// reader; nobody needs to be logged in for it, and the core decides whether a step is the first or the second.
import { ask, fill, place, take } from "/ask.js";

const DAY_MS = 86400000;
const SOON_DAYS = [[7, "bad"], [30, "bad"], [90, "warn"]];
const ROWS_SHOWN = 30;
const DECISIONS = { "limits propose": true, "institutions propose": true }; // these take a value

function daysLeft(until, t) {
  const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS);
  const soon = SOON_DAYS.find(([most]) => days <= most);
  return [until.slice(0, 10) + " (" + days + " " + t("days") + ")", soon ? soon[1] : "good"];
}

function named(values, t) {
  return Object.entries(values || {}).map(([name, value]) => [t("limit-" + name), String(value)]);
}

// What each command's report is on the page: [name, value, tone].
const VIEWS = {
  status: (a, t) => [[t("se"), a.seSerial || t("missing"), a.seSerial ? "good" : "bad"],
    [t("signatures"), String(a.seCounter ?? "-")], [t("readerPatient"), t("reader-" + a.readerPatient)],
    [t("readerOperator"), t("reader-" + a.readerOperator)], [t("readerSe"), t("reader-" + a.readerSe)],
    [t("pending"), String(a.receptionsPending ?? "-")], [t("queued"), String(a.visitsQueued ?? "-")],
    [t("disturbed"), String(a.seDisturbed ?? 0)], [t("heard"), a.platformTimeHeard || "-"]],
  "limits show": (a, t) => named(a.inForce, t),
  "anchors show": (a, t) => (a.entries || []).map((one) => [(one.revocationList ? t("revocation") : t("authority")) + " " +
    one.name, ...(one.until ? daysLeft(one.until, t) : ["-"])]),
  "institutions show": (a, t) => [[t("institutions"), a.inForce || t("none")]],
  audit: (a, t) => [[t("signedUpTo"), String(a.signedUpTo ?? "-")],
    ...(a.rows || []).slice(-ROWS_SHOWN).reverse().map((row) => [row.number + " " + row.at,
      [row.event, row.operatorId, row.outcome].filter(Boolean).join(" ")])],
};

// The audit log as the core reports it, into the browser's own folder for downloads.
function save(answer) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answer, null, 1)], { type: "application/json" }));
  link.download = "audit.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function stepSaid(answer, t) {
  const second = answer.confirmed ?? answer.accepted;
  return second === false || answer.proposed !== undefined ? t("firstStep") : t("decided");
}

export function closeOffice() {
  place("office").hidden = true;
  place("office-facts").replaceChildren();
  place("office-pin").value = "";
  place("office-answer").textContent = "";
}

export function beginOffice(t, sayOf) {
  const say = (answer, words) => {
    place("office-answer").textContent = words;
    place("office-answer").dataset.reason = answer.reason || (answer.ok ? "ok" : "");
  };

  async function look(command) {
    const answer = await ask(command);
    say(answer, answer.ok ? "" : sayOf(answer));
    fill(place("office-facts"), answer.ok ? VIEWS[command](answer, t) : []);
    return answer;
  }

  async function decide(event) {
    event.preventDefault();
    const command = place("decision").value;
    const options = DECISIONS[command] ? { arguments: [place("decision-value").value] } : {};
    const answer = await ask(command, options, take(place("office-pin")));
    say(answer, answer.ok ? stepSaid(answer, t) : sayOf(answer));
  }

  for (const one of document.querySelectorAll("button[data-look]")) {
    one.addEventListener("click", () => look(one.dataset.look));
  }
  place("save-audit").addEventListener("click", async () => {
    const answer = await look("audit");
    if (answer.ok) {
      save(answer);
    }
  });
  place("decision").addEventListener("change", () => {
    place("decision-value-line").hidden = !DECISIONS[place("decision").value];
  });
  place("office-form").addEventListener("submit", decide);
  place("office-open").addEventListener("click", () => {
    place("office").hidden = !place("office").hidden;
    place("office-open").setAttribute("aria-expanded", String(!place("office").hidden));
  });
}

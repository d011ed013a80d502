// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The staff's view: the answer to the last card, what is to be done, the lists. Nothing is kept here that the core does not
// have: events say that something has happened, commands get what it is.
import { ask, button, fill, place, take } from "/ask.js";
import { beginOffice, closeOffice } from "/office.js";
import { beginItems, closeItems } from "/person.js";
import { beginSlip, drawSlip } from "/slip.js";
import { watch } from "/stream.js";
import { hasText, text } from "/texts.js";
import { beginVisit, closeVisit, openVisit } from "/visit.js";

const FACTS = ["name", "kana", "birthDate", "sex", "insurer", "insurerNumber", "burdenRatio", "hospitalNumber",
  "department", "receptionNumber", "at"];
const CLOCK_MS = 1000;
const ROWS_SHOWN = 100; // of a list; who is further down is found by the filter, by day or by words
const ROWS_KEPT = 200; // of a list that grows by itself
let language = localStorage.getItem("language") === "en" ? "en" : "ja";
let state = null; // the core's; null: stopped
let status = {};
let person = {};
let asked = 0; // for a person, so far: an answer that comes when another is shown, or nobody, is nobody's
let notice = null; // why the last command was not done, until something else happens
let noticeAt = "";
let asSaid = {}; // of the card that lies there: what was answered when the core asked, until another one comes
let cardOf = 0;
let list = { title: "today", rows: [], words: null };
let written = "";
let personOf = "";
let statusOf = null; // the session whose state was asked for; null: none was

const t = (name) => text(name, language);
const words = (w) => (w ? w[language] : "");
const nextOf = (w) => (w ? (language === "en" ? w.nextEn : w.nextJa) : "");

const sayOf = (answer) => [words(answer.words), nextOf(answer.words)].filter(Boolean).join(" ") || t("stopped");

// --- drawing -----------------------------------------------------------------------------------------------------------

// What ends soon, or has: certificates, revocation lists, trust anchors.
function endings() {
  const first = (status.endingSoon || [])[0];
  const bad = first && first.level !== "notice" && first.level !== "soon";
  return first ? [[t("ending"), first.until ? first.until.slice(0, 10) : t("unusable"), bad ? "bad" : "warn"]] : [];
}

function drawFacts() {
  const reader = (name) => status[name] !== "missing";
  const waiting = state && state.queue ? state.queue.receptions + state.queue.visits : 0;
  const role = state && state.operator ? state.operator.role : "";
  const silent = state && state.silent;
  fill(place("facts"), [
    [t("core"), t(state ? "there" : "gone"), state ? "good" : "bad"],
    [t("connection"), state ? t(silent ? "offline" : "online") : "-", state ? (silent ? "warn" : "good") : "bad"],
    [t("se"), t(state && !state.machine ? "good" : "missing"), state && !state.machine ? "good" : "bad"],
    [t("readers"), t(reader("readerPatient") && reader("readerOperator") ? "good" : "missing"),
      reader("readerPatient") && reader("readerOperator") ? "good" : "bad"],
    [t("waiting"), String(waiting), waiting > 0 ? "warn" : "good"],
    ...endings(),
    [t("operator"), role === "" ? t("none") : t(role) + (status.operatorId ? " " + status.operatorId : ""),
      role === "" ? "warn" : "good"],
    [t("clock"), new Date().toLocaleTimeString(language === "en" ? "en-GB" : "ja-JP", { hour: "2-digit", minute: "2-digit" })],
  ]);
}

function badgeOf(event) {
  if (!event || event.event !== "done") {
    return "";
  }
  if (hasText(event.reason)) {
    return event.reason;
  }
  return event.words.severity === "attention" || event.words.severity === "calm" ? "attention" : "refused";
}

// What is shown in the answer's place. A platform that is silent is worth more than how far the reception is.
function shownEvent() {
  if (state === null) {
    return null;
  }
  const going = state.now && state.now.event === "step" && state.silent ? state.silent : state.now;
  return notice || state.result || going || state.card;
}

// What is read aloud changes once for each state.
function drawAnswer() {
  const event = shownEvent();
  const said = state && !event && state.operator ? t("ready") : words(event && event.words);
  const next = nextOf(event && event.words);
  const badge = badgeOf(event);
  const key = [badge, said, next, language].join("\n");
  if (key !== written) {
    written = key;
    place("badge").textContent = badge === "" ? "" : t(badge);
    place("badge").dataset.grade = badge;
    place("badge").hidden = badge === "";
    place("what").textContent = said;
    place("next").textContent = next === "" ? "" : t("next") + next;
  }
  const step = state && state.now && state.now.event === "step" ? state.now : null;
  place("progress").hidden = step === null;
  place("progress").value = step ? step.step : 0;
  place("progress").max = step ? step.of : 1;
  place("progress").setAttribute("aria-label", said);
  const left = state && state.card && state.card.event === "card-left" ? state.card : null;
  place("left").hidden = left === null;
  place("left").textContent = left ? words(left.words) + " " + nextOf(left.words) : "";
  place("again").hidden = !(event && event.reason === "received-already");
  for (const one of ["by-face", "by-nobody"]) {
    place(one).hidden = !(event && event.reason === "not-identified");
  }
  place("print").hidden = person.slip === undefined;
  place("pdf").hidden = person.slip === undefined;
  place("receive").disabled = !(state && state.operator);
}

function factOf(name) {
  const value = person[name];
  if (name === "burdenRatio" && typeof value === "number") {
    return language === "en" ? Math.round(value * 1000) / 10 + " %" : Math.round(value * 100) / 10 + "割";
  }
  if (name === "at") {
    return new Date(value).toLocaleTimeString("ja-JP", { timeZone: "Asia/Tokyo" });
  }
  return name === "sex" ? t(value) : String(value);
}

function drawPerson() {
  const known = FACTS.filter((name) => person[name] !== undefined && person[name] !== null && person[name] !== "");
  fill(place("person"), known.map((name) => [t(name), factOf(name)]));
  drawSlip(person.slip);
}

function rowOf(one) {
  const row = document.createElement("li");
  const who = document.createElement("p");
  const what = document.createElement("p");
  const tools = document.createElement("div");
  const name = one.name || t("unknown");
  who.className = "who";
  who.textContent = [new Date(one.at).toLocaleTimeString("ja-JP", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" }),
    name, one.kana, one.birthDate, one.receptionNumber].filter(Boolean).join("　");
  const grade = one.state === "pending" ? one.grade : one.state;
  what.textContent = [hasText(grade) ? t(grade) : words(one.words), one.insurer, one.department,
    one.visit ? t("visit") + ": " + t("visit-" + one.visit) : "", nextOf(one.words)].filter(Boolean).join("　");
  tools.className = "tools";
  tools.append(button(t("show"), () => showOne(one.evidenceId), name));
  if (list.title === "work") {
    tools.append(button(t("done"), () => markDone(one.evidenceId), name));
  } else if (state && state.operator && state.operator.role === "doctor") {
    tools.append(button(t("visit"), () => openVisit(one, who.textContent), name));
  }
  row.append(who, what, tools);
  return row;
}

const FILTERS = {
  all: () => true,
  confirmed: (one) => one.state === "confirmed",
  provisional: (one) => one.state === "pending",
  trouble: (one) => one.state !== "confirmed" && one.state !== "pending" && !one.withoutCard,
  "without-visit": (one) => !one.visit,
};

function drawList() {
  const rows = list.rows.filter(FILTERS[place("filter").value]);
  const said = list.words ? words(list.words) + " " + nextOf(list.words) : rows.length === 0 ? t("nobody") : "";
  const more = rows.length > ROWS_SHOWN ? t("more") + (rows.length - ROWS_SHOWN) : "";
  place("lists-title").textContent = t(list.title);
  place("lists-answer").textContent = said;
  place("lists-answer").dataset.reason = list.words ? list.words.reason : "";
  place("list").replaceChildren(...rows.slice(0, ROWS_SHOWN).map(rowOf));
  place("lists-more").textContent = more;
}

function drawTexts() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const one of document.querySelectorAll("[data-text]")) {
    one.textContent = t(one.dataset.text);
  }
  place("language").textContent = language === "en" ? "日本語" : "English";
  place("language").lang = language === "en" ? "ja" : "en";
}

function drawAlarm() {
  const alarm = place("alarm");
  const machine = state ? state.machine : null;
  const said = state === null ? t("stopped") : machine ? words(machine.words) + " " + nextOf(machine.words) : "";
  alarm.hidden = said === "";
  if (alarm.textContent !== said) {
    alarm.textContent = said;
  }
}

function draw() {
  const inside = state !== null && state.operator !== null;
  document.body.dataset.core = state ? "there" : "stopped";
  const event = shownEvent();
  document.body.dataset.state = event ? event.reason || event.event : "";
  document.body.dataset.alarm = state && state.machine ? state.machine.reason || state.machine.event : "";
  drawAlarm();
  drawFacts();
  drawAnswer();
  drawPerson();
  // An SE that is away is not locked: it is back when somebody logs in.
  place("login").hidden = state === null || inside || (state.machine !== null && state.machine.event === "locked");
  place("lists").hidden = !inside;
  place("logout").disabled = !inside;
  place("items-open").hidden = !inside;
}

// --- what the person does ------------------------------------------------------------------------------------------------

async function refresh() {
  const answer = await ask("status");
  status = answer.ok ? answer : {};
  drawFacts();
}

function forget() {
  asked++;
  person = {};
}

async function showOne(evidence) {
  const mine = ++asked;
  const answer = await ask("today show", { arguments: [evidence] });
  if (mine !== asked) {
    return;
  }
  person = answer.ok ? answer : {};
  place("slip-answer").textContent = "";
  draw();
}

async function fetchList(title, command, options) {
  const answer = await ask(command, options);
  list = { title, rows: answer.receptions || [], words: answer.ok ? null : answer.words };
  drawList();
}

function today() {
  const day = place("day").value;
  return fetchList("today", "today", day === "" ? {} : { from: day, to: day });
}

// A new result, and its place at the head of today's list, which is not fetched again for it.
async function showNew(evidence) {
  await showOne(evidence);
  if (list.title !== "today" || place("day").value !== "" || person.evidenceId !== evidence) {
    today();
    return;
  }
  list.rows = [person, ...list.rows.filter((one) => one.evidenceId !== evidence)].slice(0, ROWS_KEPT);
  list.words = null;
  drawList();
}

const work = () => fetchList("work", "receptions");

async function markDone(evidence) {
  await ask("receptions done", { arguments: [evidence] });
  work();
}

async function reconcile() {
  const answer = await ask("reconcile");
  await today();
  list.words = answer.ok ? null : answer.words;
  drawList();
}

async function logIn(event) {
  event.preventDefault();
  const answer = await ask("login", {}, take(place("pin")));
  place("login-answer").textContent = answer.ok ? "" : sayOf(answer);
  place("login-answer").dataset.reason = answer.ok ? "" : answer.reason || "";
  if (!answer.ok) {
    place("pin").focus();
  }
}

// A reception that ended tells its result as an event; one that did not begin says here why.
async function receive(more) {
  asSaid = { ...asSaid, ...more };
  const answer = await ask("reception", asSaid);
  if (answer.ok === false && answer.words && state && !state.result) {
    notice = { event: "notice", reason: answer.reason, words: answer.words };
    noticeAt = happened();
    draw();
  }
}

function chooseLanguage() {
  language = language === "en" ? "ja" : "en";
  localStorage.setItem("language", language);
  drawTexts();
  draw();
  drawList();
  for (const one of ["login-answer", "items-answer", "visit-answer", "office-answer", "slip-answer"]) {
    place(one).textContent = "";
  }
  if (person.evidenceId) {
    showOne(person.evidenceId); // the slip is in the language of who asks
  }
}

// --- what the core shows ---------------------------------------------------------------------------------------------------

// What tells whether something has happened since.
function happened() {
  return JSON.stringify([state.operator, state.now, state.result, state.card, state.machine]);
}

// The session's data goes with the session; a new result brings its person.
function follow() {
  const evidence = state.result && state.result.evidenceId ? state.result.evidenceId : "";
  const session = state.operator ? state.run + state.operator.n : "";
  if (session === "" || evidence === "") {
    forget();
  }
  const card = state.card ? state.card.n : 0;
  if (card !== cardOf && !(state.card && state.card.event === "card-left")) {
    cardOf = card;
    asSaid = {};
  }
  if (session === "" || state.card && state.card.event === "card-gone") {
    closeItems();
  }
  if (notice && noticeAt !== happened()) {
    notice = null;
  }
  if (session !== statusOf) {
    statusOf = session;
    closeVisit();
    list = { title: "today", rows: [], words: null };
    refresh();
    drawList();
    if (session !== "") {
      today();
    } else {
      place("pin").focus();
    }
  }
  if (evidence !== personOf) {
    personOf = evidence;
    if (evidence !== "") {
      showNew(evidence);
    }
  }
}

function show(now) {
  state = now;
  draw();
  follow();
  draw();
}

function stopped() {
  state = null;
  forget();
  personOf = "";
  statusOf = null;
  notice = null;
  closeItems();
  closeVisit();
  closeOffice();
  list = { title: "today", rows: [], words: null };
  draw();
  drawList();
}

place("login-form").addEventListener("submit", logIn);
place("logout").addEventListener("click", () => ask("logout"));
place("refresh").addEventListener("click", refresh);
place("language").addEventListener("click", chooseLanguage);
place("receive").addEventListener("click", () => {
  asSaid = {};
  receive({});
});
place("by-face").addEventListener("click", () => receive({ identified: "face" }));
place("by-nobody").addEventListener("click", () => receive({ identified: "nobody" }));
place("again").addEventListener("click", () => receive({ again: true }));
place("show-today").addEventListener("click", today);
place("show-work").addEventListener("click", work);
place("reconcile").addEventListener("click", reconcile);
place("day").addEventListener("change", today);
place("filter").addEventListener("change", () => (list.title === "today" ? today() : drawList()));
place("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = place("words").value.split(/[\s　]+/).filter(Boolean).slice(0, 4);
  if (typed.length > 0) {
    fetchList("found", "today find", { arguments: typed });
  }
});
beginItems(t, sayOf);
beginSlip(t, sayOf, () => person.evidenceId);
beginVisit(t, sayOf, today);
beginOffice(t, sayOf);
drawTexts();
draw();
setInterval(drawFacts, CLOCK_MS);
watch("/staff/events", show, stopped);

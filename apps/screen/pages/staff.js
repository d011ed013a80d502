// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The staff's view: the answer to the last card, what is to be done, the lists. Nothing is kept here that the core does not
// have: events say that something has happened, commands get what it is.
import { watch } from "/stream.js";
import { hasText, text } from "/texts.js";

const FACTS = ["name", "kana", "birthDate", "sex", "insurer", "insurerNumber", "burdenRatio", "hospitalNumber",
  "department", "receptionNumber", "at"];
const CLOCK_MS = 1000;
const place = (id) => document.getElementById(id);
let language = localStorage.getItem("language") === "en" ? "en" : "ja";
let state = null; // the core's; null: stopped
let status = {};
let person = {};
let list = { title: "today", rows: [], words: null };
let written = "";
let personOf = "";
let statusOf = null; // the session whose state was asked for; null: none was

const t = (name) => text(name, language);
const words = (w) => (w ? w[language] : "");
const nextOf = (w) => (w ? (language === "en" ? w.nextEn : w.nextJa) : "");

// A PIN stands apart from the rest, which the core parses.
async function ask(command, options = {}, pin = "") {
  const request = JSON.stringify({ command, language, ...options });
  try {
    const answer = await fetch("/staff/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: pin === "" ? request : "[" + JSON.stringify(pin) + "," + request + "]",
    });
    return answer.ok ? await answer.json() : { ok: false };
  } catch {
    return { ok: false };
  }
}

// --- drawing -----------------------------------------------------------------------------------------------------------

function fill(target, pairs) {
  target.replaceChildren(...pairs.map(([name, value, tone]) => {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const fact = document.createElement("dd");
    term.textContent = name;
    fact.textContent = value;
    if (tone) {
      fact.className = tone;
    }
    pair.append(term, fact);
    return pair;
  }));
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

// What is read aloud changes once for each state.
function drawAnswer() {
  const event = state ? state.result || state.now || state.card : null;
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
  place("again").hidden = !(event && event.reason === "received-already");
  place("print").hidden = Object.keys(person).length === 0;
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
}

function button(name, act, about) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = t(name);
  made.setAttribute("aria-label", t(name) + ": " + about);
  made.addEventListener("click", act);
  return made;
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
  what.textContent = [hasText(grade) ? t(grade) : words(one.words), one.insurer, nextOf(one.words)].filter(Boolean).join("　");
  tools.className = "tools";
  tools.append(button("show", () => showOne(one.evidenceId), name));
  if (list.title === "work") {
    tools.append(button("done", () => markDone(one.evidenceId), name));
  }
  row.append(who, what, tools);
  return row;
}

function drawList() {
  place("lists-title").textContent = t(list.title);
  place("lists-answer").textContent = list.words ? words(list.words) : list.rows.length === 0 ? t("nobody") : "";
  place("list").replaceChildren(...list.rows.map(rowOf));
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
  document.body.dataset.state = state && (state.result || state.now) ? (state.result || state.now).reason ||
    (state.result || state.now).event : "";
  drawAlarm();
  drawFacts();
  drawAnswer();
  drawPerson();
  place("login").hidden = state === null || inside || state.machine !== null;
  place("lists").hidden = !inside;
  place("logout").disabled = !inside;
}

// --- what the person does ------------------------------------------------------------------------------------------------

async function refresh() {
  const answer = await ask("status");
  status = answer.ok ? answer : {};
  drawFacts();
}

async function showOne(evidence) {
  const answer = await ask("today show", { arguments: [evidence] });
  person = answer.ok ? answer : {};
  draw();
}

async function fetchList(title, command, options) {
  const answer = await ask(command, options);
  list = { title, rows: answer.receptions || [], words: answer.ok ? null : answer.words };
  drawList();
}

const today = () => fetchList("today", "today");
const work = () => fetchList("work", "receptions");

async function markDone(evidence) {
  await ask("receptions done", { arguments: [evidence] });
  work();
}

async function logIn(event) {
  event.preventDefault();
  const field = place("pin");
  const pin = field.value;
  field.value = "";
  const answer = await ask("login", {}, pin);
  place("login-answer").textContent = answer.ok ? "" : [words(answer.words), nextOf(answer.words)].join(" ");
  if (!answer.ok) {
    field.focus();
  }
}

async function receive(options) {
  const answer = await ask("reception", options);
  if (answer.ok === false && answer.words && state && !state.result) {
    place("what").textContent = words(answer.words);
    place("next").textContent = t("next") + nextOf(answer.words);
  }
}

function chooseLanguage() {
  language = language === "en" ? "ja" : "en";
  localStorage.setItem("language", language);
  drawTexts();
  draw();
  drawList();
}

// --- what the core shows ---------------------------------------------------------------------------------------------------

// The session's data goes with the session; a new result brings its person.
function follow() {
  const evidence = state.result && state.result.evidenceId ? state.result.evidenceId : "";
  const session = state.operator ? state.run + state.operator.n : "";
  if (session === "" || evidence === "") {
    person = {};
  }
  if (session !== statusOf) {
    statusOf = session;
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
      showOne(evidence);
      today();
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
  person = {};
  personOf = "";
  statusOf = null;
  list = { title: "today", rows: [], words: null };
  draw();
  drawList();
}

place("login-form").addEventListener("submit", logIn);
place("logout").addEventListener("click", () => ask("logout"));
place("refresh").addEventListener("click", refresh);
place("language").addEventListener("click", chooseLanguage);
place("receive").addEventListener("click", () => receive({}));
place("again").addEventListener("click", () => receive({ again: true }));
place("print").addEventListener("click", () => window.print());
place("show-today").addEventListener("click", today);
place("show-work").addEventListener("click", work);
place("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = place("words").value.split(/[\s　]+/).filter(Boolean).slice(0, 4);
  if (typed.length > 0) {
    fetchList("found", "today find", { arguments: typed });
  }
});
drawTexts();
draw();
setInterval(drawFacts, CLOCK_MS);
watch("/staff/events", show, stopped);

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The patient's view: one instruction, one picture, and how far it is while the card must not move.
import { watch } from "/stream.js";
import { play, say } from "/tones.js";

const NO_WORDS = { ja: "", easy: "", en: "" };
const NOTHING = { phrase: "preparing", words: NO_WORDS, away: NO_WORDS, toneAt: 0 };
const PROGRESS = { ja: "進みぐあい", easy: "どこまで すすんだか", en: "Progress" };
const TITLES = { ja: "受付", easy: "うけつけ", en: "Reception" };

const main = document.getElementById("main");
const phrase = document.getElementById("phrase");
const progress = document.getElementById("progress");
const buttons = document.querySelectorAll("button[data-language]");
let language = "ja";
let shown = NOTHING;
let written = "";

// 受付《うけつけ》: the reading stands over the kanji before it.
function withReadings(text) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(/([\u4e00-\u9fff々]+)《([^》]*)》/gu)) {
    const ruby = document.createElement("ruby");
    const reading = document.createElement("rt");
    reading.textContent = found[2];
    ruby.append(found[1], reading);
    parts.append(text.slice(end, found.index), ruby);
    end = found.index + found[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}

function spoken(text) {
  return text.replace(/[\u4e00-\u9fff々]+《([^》]*)》/gu, "$1");
}

// A region that is read aloud changes once for each state, and not when only the progress does.
function write(text) {
  if (written === text) {
    return false;
  }
  written = text;
  phrase.replaceChildren(withReadings(text));
  return true;
}

function draw() {
  const words = shown.words[language];
  const of = shown.of || 0;
  document.documentElement.lang = language === "en" ? "en" : "ja";
  document.title = TITLES[language];
  main.dataset.phrase = shown.phrase;
  progress.hidden = of === 0;
  progress.max = of || 1;
  progress.value = shown.step || 0;
  progress.setAttribute("aria-label", PROGRESS[language]);
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  return write(words) ? words : "";
}

function show(state, fresh) {
  // The next patient begins in Japanese again.
  if (state.phrase === "put-card" && shown.phrase !== "put-card" && shown.phrase !== "preparing") {
    language = "ja";
  }
  const tone = fresh && (state.toneAt !== shown.toneAt || state.run !== shown.run) ? state.tone : "none";
  shown = state;
  main.dataset.core = "there";
  const words = draw();
  const end = play(tone);
  if (fresh && words !== "") {
    say(state.phrase, language, spoken(words), end);
  }
}

function stopped() {
  shown = { ...NOTHING, words: shown.away, away: shown.away };
  main.dataset.core = "stopped";
  draw();
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    language = button.dataset.language;
    draw();
  });
}
draw();
watch("/patient/events", show, stopped);

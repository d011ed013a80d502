// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Somebody who cannot see: whole receptions by what is heard and by what the page says to a screen reader. Recorded phrases
// first, else a voice of the system, else tones alone.
import { check, end, hospital, is, open, openView, phrase } from "./browser.mjs";

// What is heard, in its order: notes by their frequency, recordings by their length in samples, voices by their words.
const listen = (voices) => {
  window.sounds = [];
  const begin = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function start(...when) {
    window.sounds.push("recording of " + Math.round(this.buffer.duration * 8000));
    return begin.apply(this, when);
  };
  const note = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function start(...when) {
    window.sounds.push(String(Math.round(this.frequency.value)));
    return note.apply(this, when);
  };
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => voices.map((lang) => ({ lang })), cancel() {}, speak(phrase) { window.sounds.push(phrase.lang + " " + phrase.text); } } });
  window.SpeechSynthesisUtterance = function utterance(text) { this.text = text; };
  // What a screen reader is given: each change of the live region.
  window.announced = [];
  document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    window.announced.push(document.getElementById("phrase").textContent);
  }).observe(document.getElementById("phrase"), { childList: true, subtree: true, characterData: true }));
};

const browser = await open();
const staff = await openView(browser, "staff");

async function listener(voices) {
  const view = await openView(browser, "patient");
  await view.context.addInitScript(listen, voices);
  await view.page.reload();
  await phrase(view.page, "preparing");
  return view.page;
}

// All at once: nobody has a voice, the machine has a Japanese one, or an English one.
const [silent, japanese, english] = [await listener([]), await listener(["ja-JP"]), await listener(["en-US"])];
const pages = [silent, japanese, english];
await Promise.all(pages.map((page) => page.evaluate(() => { window.announced = []; })));
await hospital("card operator operator-reception");
await staff.page.fill("#pin", "1234");
await staff.page.click('#login-form button[type="submit"]');
await Promise.all(pages.map((page) => phrase(page, "put-card")));

const hears = (page, last) => page.waitForFunction((wanted) => window.sounds.join(", ").endsWith(wanted), last);
const forget = () => Promise.all(pages.map((page) => page.evaluate(() => { window.sounds = []; window.announced = []; })));
const heard = (page) => page.evaluate(() => window.sounds.join(", "));

// A card that is slow, so that the first instruction is whole before the next takes its place.
async function receive(image, reading) {
  await hospital("fault patient delay=300");
  await hospital("card patient " + image);
  await Promise.all(reading.map(([page, words]) => hears(page, words)));
  await hospital("fault patient clear");
}

// --- nobody has recorded anything ------------------------------------------------------------------------------------------
await hears(japanese, "ja-JP マイナンバーカードを置いてください");
is("without a voice of its language nothing pretends to have one", await heard(silent) + await heard(english), "");
await forget();
await receive("patient-1", [[japanese, "ja-JP 読み取り中です。カードはそのままで"]]);
await hears(silent, "784, 1047");
is("tones alone: the card is seen, it is done", await heard(silent), "880, 784, 1047");
await hears(japanese, "ja-JP 終わりました。カードをお取りください");
is("with a voice: each instruction after its tone", await heard(japanese),
  "880, ja-JP 読み取り中です。カードはそのままで, 784, 1047, ja-JP 終わりました。カードをお取りください");
is("a screen reader says each state once", await silent.evaluate(() => window.announced.join(", ")),
  "読み取り中です。カードはそのままで, 終わりました。カードをお取りください");
const tree = await silent.locator("body").ariaSnapshot();
check("the tree has one heading, the instruction", (tree.match(/heading/g) || []).length === 1 && tree.includes('heading "終わりました。カードをお取りください"'), tree);
check("the picture is not in it", !/img|graphics/.test(tree), tree);
await hospital("empty patient");
await Promise.all(pages.map((page) => phrase(page, "put-card")));

// --- some phrases are recorded ------------------------------------------------------------------------------------------------
for (const [name, samples] of [["reading-ja", 801], ["come-ja", 802], ["put-card-ja", 803], ["take-card-ja", 804], ["put-card-en", 805]]) {
  await hospital("record " + name + " " + samples);
}
await forget();
await receive("patient-1", pages.map((page) => [page, "880, recording of 801"]));
await Promise.all(pages.map((page) => hears(page, "784, 1047, recording of 804")));
is("a whole reception by recordings, also where the machine has a voice", await heard(japanese),
  "880, recording of 801, 784, 1047, recording of 804");
await forget();
await hospital("empty patient");
await Promise.all(pages.map((page) => hears(page, "recording of 803")));
await forget();
await hospital("card patient operator-doctor");
await hears(silent, "659, 523, 392, recording of 802");
check("a wrong card: the tones that fall, and the way to the counter", true);
await hospital("empty patient");
await hears(silent, "recording of 803");
await forget();

// --- replaced, removed, another language ------------------------------------------------------------------------------------------
await hospital("record take-card-ja 904");
await hospital("card patient patient-1");
await hears(silent, "recording of 904");
check("a recording that was replaced is heard at once", true);
await hospital("unrecord put-card-ja");
await forget();
await hospital("empty patient");
await hears(japanese, "ja-JP マイナンバーカードを置いてください");
is("one that was removed is spoken again, where there is a voice", await heard(silent), "");
await english.click('button[data-language="en"]');
await receive("patient-1", [[english, "en-US Reading. Leave the card where it is"]]);
await hears(english, "en-US Done. Please take your card");
check("who chose English hears English", true);

is("nothing broke", staff.seen.problems.join("\n"), "");
await browser.close();
end();
process.exit();

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Both views side by side, and a picture of each state that is reached, in Japanese and in English. PICTURES: a folder for
// them; REACHED: a file that gets the words of the table that were shown in both languages, one a line.
import { appendFileSync } from "node:fs";
import { check, hospital, is, open, openView, phrase } from "./browser.mjs";

const SIZE = { width: 800, height: 500 };
const folder = process.env.PICTURES || "";
export const browser = await open();
export const staff = await openView(browser, "staff", { viewport: SIZE, reducedMotion: "reduce" });
export const patient = await openView(browser, "patient", { viewport: SIZE, reducedMotion: "reduce" });
const page = staff.page;
const pictured = new Set();

// The clock is no part of a state: the same picture each time.
async function takePicture(view, name) {
  if (folder === "") {
    return;
  }
  await view.page.screenshot({ path: folder + "/" + name + ".png", clip: { x: 0, y: 0, ...SIZE }, animations: "disabled",
    mask: [view.page.locator("#facts div:last-child"), view.page.locator("#person div:last-child")], maskColor: "#eef2f6" });
}

// before: what brings the state into the view after the language has changed.
async function bothLanguages(view, name, words, change, back, before) {
  const shown = [];
  for (const language of ["ja", "en"]) {
    await before(language);
    shown.push(await words());
    await takePicture(view, name + "-" + language);
    await view.page.click(language === "ja" ? change : back);
  }
  const good = /[ぁ-んァ-ヶ一-龠]/.test(shown[0]) && /[A-Za-z]{3}/.test(shown[1]) && !/[ぁ-ん]/.test(shown[1].replace(/[(（][^)）]*[)）]/g, ""));
  check(name + ": in Japanese and in English", good, shown.join("\n"));
  return good;
}

function note(word, good) {
  if (good && process.env.REACHED) {
    appendFileSync(process.env.REACHED, word + "\n");
  }
}

const text = (selector) => page.evaluate((one) => Array.from(document.querySelectorAll(one))
  .filter((place) => place.offsetParent !== null).map((place) => place.textContent).join(" "), selector);

const toTop = () => page.evaluate(() => scrollTo(0, 0));

// Whether the page comes to show this word, in the answer's place ("state") or in the alarm; what it shows instead.
export async function reaches(word, where = "state") {
  try {
    await page.waitForSelector("body[data-" + where + '="' + word + '"]');
    return true;
  } catch {
    check(word + " is reached", false, "it shows: " + await page.evaluate((one) => document.body.dataset[one], where));
    return false;
  }
}

export async function showAnswer(word) {
  if (!await reaches(word)) {
    return;
  }
  note(word, await bothLanguages(staff, "staff-" + word, () => text("#what, #next"), "#language", "#language", toTop));
}

export async function showAlarm(word) {
  if (!await reaches(word, "alarm")) {
    return;
  }
  note(word, await bothLanguages(staff, "staff-" + word, () => text("#alarm"), "#language", "#language", toTop));
}

// What has no word of the table: the pages' own.
export async function showPage(name, selector) {
  return bothLanguages(staff, "staff-" + name, () => text(selector), "#language", "#language", toTop);
}

// Waits until the core has answered this command, which act() leads to.
async function answered(command, act) {
  const answer = page.waitForResponse((one) => (one.request().postData() || "").includes('"command":"' + command + '"'));
  await act();
  return (await answer).finished();
}

// A row of the work list, whose words are those of the table. The desk asks the platform by itself, too, when it is back.
export async function showRow(word, words) {
  for (let tries = 0; tries < 30 && !(await page.textContent("#list")).includes(words); tries++) {
    await answered("today", () => page.click("#reconcile"));
    await answered("receptions", () => page.click("#show-work"));
    await page.waitForFunction(() => document.getElementById("lists-title").textContent === "対応が必要な受付");
  }
  const toList = () => page.evaluate(() => document.getElementById("lists").scrollIntoView({ block: "start" }));
  note(word, await bothLanguages(staff, "staff-" + word, () => text("#list li p:nth-child(2)"), "#language", "#language", toList));
}

// Beside the answer: the card still lies there.
export async function showLeft() {
  await page.waitForSelector("#left:not([hidden])");
  note("card-left", await bothLanguages(staff, "staff-card-left", () => text("#left"), "#language", "#language", toTop));
}

// Said beside the form that was filled in. attempt(): fills it in and sends it; done twice, once in each language.
export async function showSaid(word, id, attempt) {
  let right = true;
  const before = async () => {
    await page.evaluate((one) => { document.getElementById(one).dataset.reason = ""; }, id);
    await attempt();
    await page.waitForSelector("#" + id + ':not([data-reason=""])');
    await page.waitForFunction((one) => document.getElementById(one).textContent !== "", id);
    const why = await page.getAttribute("#" + id, "data-reason");
    is(word + ": that is why", why, word);
    right = right && why === word;
    await page.evaluate((one) => {
      const place = document.getElementById(one);
      (place.closest("section") || place).scrollIntoView({ block: "start" });
    }, id);
  };
  const good = await bothLanguages(staff, "staff-" + word, () => text("#" + id), "#language", "#language", before);
  note(word, good && right);
}

export async function showPatient(name) {
  await phrase(patient.page, name);
  if (pictured.has(name)) {
    return;
  }
  pictured.add(name);
  await bothLanguages(patient, "patient-" + name, () => patient.page.locator("#phrase").textContent(),
    'button[data-language="en"]', 'button[data-language="ja"]', async () => {});
}

export async function typePin(pin) {
  await page.fill("#pin", pin);
  await page.click('#login-form button[type="submit"]');
}

export async function logIn(who = "reception") {
  await hospital("card operator operator-" + who);
  await page.waitForSelector("#login:not([hidden])");
  await typePin("1234");
  await page.waitForSelector("#lists:not([hidden])");
}

// One card on the patient's reader: what staff sees, what the patient is told; then it is taken away.
export async function oneCard(card, word, told) {
  await hospital("card patient " + card);
  if (await reaches(word)) {
    await showPatient(told);
    await showAnswer(word);
  }
  await takeAway();
}

export async function takeAway() {
  await hospital("empty patient");
  await phrase(patient.page, "put-card");
}

// The desk is started again, as an administrator does who has changed something.
export async function restart(words) {
  await hospital(words);
  await page.waitForSelector("#login:not([hidden])");
  await logIn();
}

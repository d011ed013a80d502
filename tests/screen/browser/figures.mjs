// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// How fast the pages are, for bench/bench-screens: cards are laid down and taken away, and nobody touches anything.
// FIGURES: the file that gets the figures as JSON. Times are of the machine's one clock, in ms.
import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { accessibility, check, end, hospital, open, openView, phrase } from "./browser.mjs";

const RECEPTIONS = Number(process.env.RECEPTIONS || 30);
const browser = await open();

// When each state was painted: two frames after the page has changed. When a note began; how often somebody touched.
const observe = () => {
  window.painted = {};
  window.began = [];
  window.touched = 0;
  const now = () => performance.timeOrigin + performance.now();
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function begin(...when) {
    window.began.push(now());
    return start.apply(this, when);
  };
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => { window.touched++; }, true);
  }
  document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    const word = document.getElementById("main").dataset.phrase || document.body.dataset.state;
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted[word] = now(); }));
  }).observe(document.body, { attributes: true, subtree: true, attributeFilter: ["data-phrase", "data-state"] }));
};

async function observed(view) {
  const opened = await openView(browser, view, { viewport: { width: 800, height: 500 } });
  await opened.context.addInitScript(observe);
  await opened.page.reload();
  return opened.page;
}

const staff = await observed("staff");
const patient = await observed("patient");

// The core's own end of a reception: its event, as it comes out of its socket.
let done = 0;
const desk = createConnection(await hospital("desk-events"));
createInterface({ input: desk }).on("line", (line) => {
  if (JSON.parse(line).event === "done") {
    done = performance.timeOrigin + performance.now();
  }
});
desk.write('{"stream":"staff"}\n');

// A card is laid down: the emulator has got the order. No program is started for it.
const control = await hospital("control");
const cards = [await hospital("image patient-1"), await hospital("image patient-2")];

function lay(image) {
  return new Promise((resolve) => {
    const order = createConnection({ path: control, allowHalfOpen: true });
    let at = 0;
    order.on("connect", () => {
      at = performance.timeOrigin + performance.now();
      order.end(["swap", "Uketsuke Patient", image, ""].join("\0"));
    });
    order.resume();
    order.on("end", () => resolve(at));
  });
}

await hospital("card operator operator-reception");
await staff.waitForSelector("#login:not([hidden])");
await staff.fill("#pin", "1234");
await staff.click('#login-form button[type="submit"]');
await phrase(patient, "put-card");
await staff.evaluate(() => { window.touched = 0; });

const seen = [];
const heard = [];
const result = [];
for (let i = 0; i < RECEPTIONS; i++) {
  await Promise.all([staff, patient].map((page) => page.evaluate(() => { window.painted = {}; window.began = []; })));
  done = 0;
  const laid = await lay(cards[i % 2]);
  await patient.waitForFunction(() => window.painted["take-card"]);
  await staff.waitForFunction(() => window.painted.confirmed);
  seen.push(await patient.evaluate(() => window.painted.reading || window.painted["take-card"]) - laid);
  heard.push(await patient.evaluate(() => window.began[0]) - laid);
  result.push(await staff.evaluate(() => window.painted.confirmed) - done);
  await hospital("empty patient");
  await phrase(patient, "put-card");
}
const touches = (await staff.evaluate(() => window.touched)) + (await patient.evaluate(() => window.touched));
desk.destroy();

const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

// The first of its kind is a page that nothing is known of.
async function load(view) {
  const { page, context } = await openView(browser, view);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  const figures = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    bytes: performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
      .filter((one) => !one.name.includes("/events")).reduce((sum, one) => sum + one.decodedBodySize, 0),
  }));
  await context.close();
  return figures;
}

const loads = { staff: [], patient: [] };
let findings = "";
for (const view of ["staff", "patient"]) {
  for (let i = 0; i < 5; i++) {
    loads[view].push(await load(view));
  }
  findings += await accessibility(browser, view, (page) => page.waitForSelector(view === "staff" ? "#lists:not([hidden])" :
    'main[data-phrase="put-card"]'));
}
const paints = [...loads.staff, ...loads.patient].map((one) => one.paint);
const figures = { receptions: RECEPTIONS, seenP95: at(seen, 0.95), heardP95: at(heard, 0.95), resultMedian: at(result, 0.5),
  resultP95: at(result, 0.95), firstPaint: at(paints, 0.5), bytesStaff: loads.staff[0].bytes,
  bytesPatient: loads.patient[0].bytes, touches, findings: findings === "" ? 0 : findings.split("\n").length };
writeFileSync(process.env.FIGURES, JSON.stringify(figures));
check("measured: " + JSON.stringify(figures), Object.values(figures).every((one) => Number.isFinite(one)));
await browser.close();
end();
process.exit();

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A long day (make soak-screen): RECEPTIONS receptions in MINUTES minutes, both pages open the whole time. No event is
// missed, every result is shown, and nothing grows: the pages' server, the desk, and the pages themselves.
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { check, end, hospital, is, open, openView, phrase } from "./browser.mjs";

const RECEPTIONS = Number(process.env.RECEPTIONS || 2000);
const PAUSE_MS = (Number(process.env.MINUTES || 480) * 60000) / RECEPTIONS;
const LIST_FULL = 200; // the staff's page keeps 200 rows of today's list
const WARM = Math.floor(Math.max(Math.min(LIST_FULL, RECEPTIONS / 2), RECEPTIONS / 10)); // caches are full then
const GROWTH = 1.05;
const browser = await open();
const staff = await openView(browser, "staff");
const patient = await openView(browser, "patient");

// --- the desk's own account ------------------------------------------------------------------------------------------------
const events = [];
const desk = createConnection(await hospital("desk-events"));
createInterface({ input: desk }).on("line", (line) => {
  const event = JSON.parse(line);
  if (event.n !== undefined || event.event === "gap") {
    events.push(event);
  }
});
desk.write('{"stream":"staff"}\n');

// --- what is resident --------------------------------------------------------------------------------------------------------
const pids = JSON.parse(await hospital("pids"));
const resident = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync("/proc/" + pid + "/status", "utf8"))[1]);

async function heap(view) {
  const tools = await view.context.newCDPSession(view.page);
  await tools.send("HeapProfiler.collectGarbage");
  await tools.send("HeapProfiler.collectGarbage");
  const { metrics } = await tools.send("Performance.enable").then(() => tools.send("Performance.getMetrics"));
  await tools.detach();
  const of = (name) => metrics.find((one) => one.name === name).value;
  return { heap: Math.round(of("JSHeapUsedSize") / 1024), nodes: of("Nodes") };
}

async function measure() {
  const [onStaff, onPatient] = [await heap(staff), await heap(patient)];
  return { "server, kB": resident(pids.screen), "desk, kB": resident(pids.desk), "staff's page, heap, kB": onStaff.heap,
    "staff's page, nodes": onStaff.nodes, "patient's page, heap, kB": onPatient.heap, "patient's page, nodes": onPatient.nodes };
}

// --- the day -------------------------------------------------------------------------------------------------------------------
await hospital("card operator operator-reception");
await staff.page.waitForSelector("#login:not([hidden])");
await staff.page.fill("#pin", "1234");
await staff.page.click('#login-form button[type="submit"]');
await phrase(patient.page, "put-card");
const shown = new Set();
let before = null;
const began = performance.now();
for (let i = 0; i < RECEPTIONS; i++) {
  const known = events.length;
  await hospital("card patient patient-" + (1 + i % 2));
  await phrase(patient.page, "take-card");
  await staff.page.waitForFunction((wanted) => document.querySelector("#list li") !== null &&
    document.getElementById("person").textContent.includes(wanted), i % 2 === 0 ? "見本" : "例示");
  await staff.page.waitForSelector('body[data-state="confirmed"]');
  const done = events.slice(known).filter((one) => one.event === "done");
  done.forEach((one) => shown.add(one.evidenceId));
  await hospital("empty patient");
  await phrase(patient.page, "put-card");
  if (i + 1 === WARM) {
    before = await measure();
  }
  await new Promise((resolve) => { setTimeout(resolve, Math.max(0, began + (i + 1) * PAUSE_MS - performance.now())); });
}
const after = await measure();
desk.destroy();

// --- the account -------------------------------------------------------------------------------------------------------------------
is("no event is missing in the desk's stream", events.filter((one, i) => one.event === "gap" || (i > 0 && one.n !== events[i - 1].n + 1)).length, 0);
is("each reception has ended once", events.filter((one) => one.event === "done" && one.reason === "confirmed").length, RECEPTIONS);
is("each is another one, and was shown", shown.size, RECEPTIONS);
for (const name of Object.keys(after)) {
  const grows = WARM < LIST_FULL && name.includes("page"); // a list that is not full yet
  check(name + ": " + before[name] + " after " + WARM + ", " + after[name] + " after " + RECEPTIONS + (grows ? " (the list fills)" : ""),
    grows || after[name] <= before[name] * GROWTH);
}
is("nothing broke", [...staff.seen.problems, ...patient.seen.problems].join("\n"), "");
await browser.close();
end();
process.exit();

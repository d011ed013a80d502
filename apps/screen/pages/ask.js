// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A command of the desk, and how the page is built from what it says.
export const place = (id) => document.getElementById(id);

// A PIN stands apart from the rest, which the core parses.
export async function ask(command, options = {}, pin = "") {
  const request = JSON.stringify({ command, language: document.documentElement.lang, ...options });
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

// What is typed into a field for a PIN is there no longer than until it is asked for.
export function take(field) {
  const typed = field.value;
  field.value = "";
  return typed;
}

// A list of terms: [name, value, tone].
export function fill(target, pairs) {
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

// about: of what, for those who do not see where the button stands.
export function button(words, act, about) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.setAttribute("aria-label", words + ": " + about);
  made.addEventListener("click", act);
  return made;
}

// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What is heard (the table of states' tones): seen, done, once more, help. Each differs in how many notes it has and where
// they go, so that it is known by ear alone.
const NOTES = {
  card: [[880, 0.12]],
  done: [[784, 0.14], [1047, 0.28]],
  again: [[587, 0.16], [587, 0.16]],
  come: [[659, 0.2], [523, 0.2], [392, 0.36]],
};
const LOUDNESS = 0.3;
const FADE_S = 0.02;
const PAUSE_S = 0.04;
let context = null;
let begun = 0; // phrases so far: a newer one takes the place of what is still fetched or heard
let recording = null;

function audio() {
  context = context || new AudioContext();
  context.resume();
  return context;
}

function note(frequency, begin, length) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(LOUDNESS, begin + FADE_S);
  gain.gain.setValueAtTime(LOUDNESS, begin + length - FADE_S);
  gain.gain.linearRampToValueAtTime(0, begin + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + length);
}

// Returns when it ends, by the clock of what is heard.
export function play(tone) {
  const notes = NOTES[tone] || [];
  if (notes.length === 0) {
    return 0;
  }
  let begin = audio().currentTime;
  for (const [frequency, length] of notes) {
    note(frequency, begin, length);
    begin += length + PAUSE_S;
  }
  return begin;
}

// --- phrases -------------------------------------------------------------------------------------------------------------

function silence() {
  if (recording !== null) {
    recording.stop();
    recording = null;
  }
  if ("speechSynthesis" in window) {
    speechSynthesis.cancel();
  }
}

// null: nobody has recorded it.
async function recorded(name) {
  const answer = await fetch("/phrases/" + name);
  return answer.status === 200 ? audio().decodeAudioData(await answer.arrayBuffer()) : null;
}

function sound(buffer, at) {
  recording = audio().createBufferSource();
  recording.buffer = buffer;
  recording.connect(context.destination);
  recording.start(Math.max(at, context.currentTime));
}

function speak(text, language) {
  const voices = "speechSynthesis" in window ? speechSynthesis.getVoices() : [];
  const voice = voices.find((one) => one.lang.slice(0, 2) === language);
  if (voice !== undefined) {
    const phrase = new SpeechSynthesisUtterance(text);
    phrase.voice = voice;
    phrase.lang = voice.lang;
    speechSynthesis.speak(phrase);
  }
}

// A phrase is heard as somebody has recorded it, else by the system's voice for that language; else the tones alone are.
// at: not before this time, so that a tone is heard first.
export async function say(name, language, text, at) {
  const mine = ++begun;
  silence();
  const buffer = await recorded(name + "-" + language).catch(() => null);
  if (mine !== begun) {
    return;
  }
  if (buffer !== null) {
    sound(buffer, at);
  } else {
    speak(text, language === "en" ? "en" : "ja");
  }
}

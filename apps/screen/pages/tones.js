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

export function play(tone) {
  const notes = NOTES[tone] || [];
  if (notes.length === 0) {
    return;
  }
  context = context || new AudioContext();
  context.resume();
  let begin = context.currentTime;
  for (const [frequency, length] of notes) {
    note(frequency, begin, length);
    begin += length + PAUSE_S;
  }
}

// Phrases, where the system has a voice of that language; else the tones alone.
export function say(text, language) {
  const voices = "speechSynthesis" in window ? speechSynthesis.getVoices() : [];
  const voice = voices.find((one) => one.lang.slice(0, 2) === language);
  if (voice === undefined || text === "") {
    return;
  }
  const phrase = new SpeechSynthesisUtterance(text);
  phrase.voice = voice;
  phrase.lang = voice.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(phrase);
}

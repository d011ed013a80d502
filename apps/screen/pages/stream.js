// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the core shows, as it comes: each message is the whole of it. Two signs of life a second apart that are missing
// mean that the core has stopped; the page says so, and goes on by itself when they come again.
const SILENT_MS = 2500;
const LOOK_MS = 250;
const OPEN_AGAIN_MS = 1000;

// show(state, fresh): the core's words; fresh: it has just happened. stopped(): no core is there.
export function watch(address, show, stopped) {
  let heard = performance.now();
  let first = true;
  let source = null;
  let silent = false;

  function hear() {
    heard = performance.now();
  }

  function take(message) {
    hear();
    const state = JSON.parse(message.data);
    if (!state.core) {
      stopped();
      first = true;
      return;
    }
    show(state, !first && !state.quiet);
    first = false;
    silent = false;
  }

  function open() {
    source = new EventSource(address);
    source.addEventListener("message", take);
    source.addEventListener("alive", hear);
    source.addEventListener("open", hear);
    source.addEventListener("error", fail);
  }

  // A connection that ends is opened again by the browser; one that was refused is not.
  function fail() {
    first = true;
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(open, OPEN_AGAIN_MS);
    }
  }

  function look() {
    if (performance.now() - heard > SILENT_MS && !silent) {
      silent = true;
      stopped();
      // The connection may be open, with nobody at its other end.
      source.close();
      first = true;
      setTimeout(open, OPEN_AGAIN_MS);
    } else if (performance.now() - heard <= SILENT_MS) {
      silent = false;
    }
  }

  open();
  setInterval(look, LOOK_MS);
}

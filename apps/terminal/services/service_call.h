/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way to the platform and the history service: HTTPS with the TLS key in the SE (lib/delivery/remote.h). */
#pragma once

#include "core/terminal.h"

#include "delivery/remote.h"

#define SERVICE_COUNTER_MS 3000 /* one call while a patient waits: a lost answer must not hold up the counter */

typedef struct services services;

/* The parts are borrowed. */
outcome services_new(card_access *cards, store_access *store, command_context *ctx, services **out);
/* Ends all connections. */
void services_free(services **s);

/* The way to one service; the failure is reported. The platform may be silent for REMOTE_SILENCE_MS before the terminal
 * works offline (the operator has no say in it). The daemon gets the connection that it closed a short while
 * ago: it is still open, which saves a handshake and two signatures of the SE. */
outcome service_open(services *s, service which, remote *out);
/* Whether this reception asks the platform: after a reception that got no answer within SERVICE_COUNTER_MS, most do not
 * (circuit_breaker.h). Only the daemon remembers. */
bool service_platform_lets_ask(services *s);
void service_platform_note(services *s, bool in_time);
bool service_platform_is_slow(const services *s);
/* Whether the platform has answered a patient's reception in time since this was asked last. */
bool service_platform_was_heard(services *s);
/* What the platform, or a relay before it, has said about itself. A relay may ask about patients by itself: its answers are
 * looked for when it has said that there are some, and once in SERVICE_RESULTS_MS, when due is true. Only the daemon
 * remembers. */
#define SERVICE_RESULTS_MS 25000
void service_note_state(services *s, const remote_state *state);
bool service_results_are_due(services *s);
/* Keeps the connection for the next call, or closes it; nothing when it is not open. */
void service_close(services *s, service which, remote *r);
/* Closes the connection. */
void service_end(remote *r);

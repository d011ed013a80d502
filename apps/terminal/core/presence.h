/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For the daemon: a thread waits for events at the readers and marks removed cards. */
#pragma once

#include "core/report.h"

#include "p11/watch.h"
#include "pcsc/pcsc_service.h"
#include "pcsc/reader_watch.h"

#include <stdatomic.h>

typedef struct presence {
    token_watch *watch;
    pcsc_link *service;    /* to the service that was there when the SE was opened; NULL: none */
    reader_watch *patient; /* NULL: not watched */
    void (*told)(void *context, bool present);
    void *told_context;
    int wake;                     /* eventfd: something happened at the readers */
    atomic_bool operator_removed; /* set by the watch's thread: the card of the operator who is logged in */
    atomic_bool se_removed, se_login_lost;
    void (*supervise)(void *context);
    void *supervise_context;
    bool (*work_waits)(void *context); /* set during background work, which yields to clients; else NULL */
    void *waits_context;
    bool gave_way; /* background work was interrupted for a client */
} presence;

/* Begins to watch the readers of this module; *out is presence_end's to free. supervise: called when cards came or went
 * (the desk's). */
outcome presence_begin(presence **out, token_module *module, report *r, void (*supervise)(void *context),
                       void *context);
/* Calls told, from a thread of its own, when a card is laid on this reader or removed from it, and then wakes the loop.
 * reader and context are kept by pointer. */
outcome presence_watch_reader(presence *p, report *r, const char *reader, void (*told)(void *context, bool present),
                              void *context);
/* Ends presence_watch_reader. */
void presence_leave_reader(presence *p);
/* Handles removed cards now: called after every event and before every step that relies on card or SE. p NULL (no
 * daemon): does nothing. */
void presence_supervise(presence *p);
/* Whether operator card or SE was removed since the command began: then it must not be finished. */
bool presence_interrupted(const presence *p);
/* Whether to abort a long operation: operator card or SE was removed, or it is background work and a client waits. */
bool presence_must_stop(presence *p);
/* Ends the watch and with it the module, and frees both; nothing when *p is NULL. */
void presence_end(presence **p, token_module **module);

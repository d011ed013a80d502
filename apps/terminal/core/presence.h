/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which cards are there, for the daemon: a thread waits at the readers and marks what went away. */
#pragma once

#include "core/report.h"

#include "p11/watch.h"
#include "pcsc/pcsc_service.h"
#include "pcsc/reader_watch.h"

#include <stdatomic.h>

typedef struct presence {
    token_watch *watch;
    pcsc_link *service;    /* to the service that was there when the SE was opened; NULL: none */
    reader_watch *patient; /* NULL: nobody wants to be told */
    void (*told)(void *context, bool present);
    void *told_context;
    int wake;                     /* eventfd: something happened at the readers */
    atomic_bool operator_removed; /* set by the watch's thread: the card of the operator who is logged in */
    atomic_bool se_removed, se_login_lost;
    void (*supervise)(void *context);
    void *supervise_context;
    bool (*work_waits)(void *context); /* while nobody has asked for what is done; else NULL */
    void *waits_context;
    bool gave_way; /* what nobody had asked for was broken off */
} presence;

/* Begins to watch the readers of this module; *out is presence_end's to free. supervise: what the coming and going of
 * cards asks for (the desk's). */
outcome presence_begin(presence **out, token_module *module, report *r, void (*supervise)(void *context),
                       void *context);
/* From now on tells when a card is laid down at this reader or leaves it, and wakes the loop afterwards; told is called from
 * a thread of its own. reader and context are kept by pointer. */
outcome presence_watch_reader(presence *p, report *r, const char *reader, void (*told)(void *context, bool present),
                              void *context);
/* No longer. */
void presence_leave_reader(presence *p);
/* Does now what went away asks for: called after every event and before every step that relies on card or SE. Nothing
 * when no process is resident: p is NULL. */
void presence_supervise(presence *p);
/* Whether operator card or SE went away since the command began: what is half done must not be finished. */
bool presence_interrupted(const presence *p);
/* Whether to abort a long operation: operator card or SE was removed, or it is background work and a client waits. */
bool presence_must_stop(presence *p);
/* Ends the watch and with it the module, and frees both; nothing when *p is NULL. */
void presence_end(presence **p, token_module **module);

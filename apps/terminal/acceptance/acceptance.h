/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Acceptance of a terminal: the items of the tender that can be shown at the terminal's place, each with what was
 * found. What can be tested without people is tested now; what needs people and cards is looked up in the audit log and
 * the records. */
#pragma once

#include "core/terminal.h"

/* `accept`: tries and looks up everything, and writes a report that the SE and the administrator's card sign. */
outcome accept_command(terminal *t);

/* The result of an item. */
typedef enum acceptance_result { ACCEPTED, NOT_ACCEPTED, NOT_DONE_YET } acceptance_result;

/* What an item is. The strings are borrowed. */
typedef struct acceptance_item {
    const char *name;         /* one word for programs */
    const char *requirements; /* ids of docs/requirements.md, with spaces in between */
    const char *label;        /* for people, in their language */
} acceptance_item;

typedef struct acceptance {
    terminal *terminal;
    json_t *items; /* in the order of the report */
    size_t failed, open;
} acceptance;

/* Notes an item's result: a line for people, an object in items. problem: why not, or what is to be done; "" for
 * accepted. seen: more members of the object, taken over; NULL for none. */
void acceptance_note(acceptance *a, const acceptance_item *item, acceptance_result how, const char *problem,
                     json_t *seen);

/* What can be tried without people (acceptance_now.c): the self-test of the enrolment, the readers, the clock. */
void acceptance_try(acceptance *a);
/* What people have done at this terminal (acceptance_log.c), on the days of --from and --to: in the audit log, which must be
 * whole, and in the records. */
void acceptance_look_up(acceptance *a);

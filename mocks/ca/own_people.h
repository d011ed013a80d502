/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* People of one's own beside the table of ca_people.c: from options of `mock-ca patient`, and from the JSON Lines that
 * `uketsuke-pf generate` prints. Those of options are remembered in ca/people.txt, so that persons.json has them. */
#pragma once

#include "office.h"
#include "ca_people.h"

/* As given; NULL: not given. */
typedef struct own_person {
    const char *name, *kana, *address;
    const char *birth;        /* YYYY-MM-DD */
    const char *sex;          /* 1, 2 or 9 (JIS X 0303) */
    const char *municipality; /* 5 digits */
    const char *prefecture, *city;
    const char *substituted_name, *substituted_address;
} own_person;

/* out borrows from given and id. Name, address and birth are due; the rest has values of a synthetic town.
 * RESULT_INVALID: *problem says why. */
result own_person_make(const own_person *given, const char *id, person *out, const char **problem);

/* Appends the person to ca/people.txt. */
result own_people_remember(const office *o, const person *who);

typedef struct own_people {
    buffer text; /* what the people borrow from */
    person *list;
    size_t count;
} own_people;

/* All that are remembered; of two lines with one id the last. Free in any case. */
result own_people_read(const office *o, own_people *own);
void own_people_free(own_people *own);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "answers_to_reset.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *text;
} table[] = {
    {"contact-1", ANSWER_TO_RESET_CONTACT},
    {"contact-2", "3BE000FF8131FE4514"},
    {"contact-3", "3BC5FF8131FB458073C6010000"},
    {"contact-4", "3BF59100FF918171FE400042000100D1D6"},
    {"contact-5", "3BF59100FF918171FE4000420001B3A115"},
    /* Built by readers from the answer of a type B card (PC/SC part 3). */
    {"contactless-1", ANSWER_TO_RESET_CONTACTLESS},
    {"contactless-2", "3B888001000041E0B381A1003B"},
    {"contactless-3", "3B888001004B51FF0081D100BC"},
    {"contactless-4", "3B888001004B51FFB381D1000F"},
};

const char *answer_to_reset_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].text;
    return NULL;
}

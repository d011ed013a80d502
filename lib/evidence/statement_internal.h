/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields of a statement, in the order in which canonical JSON has them, each with how it is written and read. */
#pragma once

#include "base/canonical.h"
#include "evidence/statement.h"

/* When a field is there; elsewhere it is JSON's null. */
typedef enum presence { ALWAYS, MAY_BE_NULL, ONLINE_ONLY } presence;

typedef struct statement_field statement_field;
/* Appends the value; RESULT_INVALID: malformed. */
typedef result field_writer(const statement_field *f, const statement *s, buffer *json);
/* Takes the value, by type and size; the form is checked when it is written again. */
typedef bool field_reader(const statement_field *f, canonical_reader *r, statement *out);

struct statement_field {
    const char *name;
    field_writer *write;
    field_reader *read;
    int since; /* which version: 1, 2, 3 */
    /* Of texts and bytes only; the other kinds know their members. */
    size_t offset, size;
    bool (*has_form)(const char *text);
    presence when;
};

#define STATEMENT_VERSION 3

extern const statement_field statement_fields[];
extern const size_t statement_field_count;

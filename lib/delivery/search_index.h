/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finding sealed records without opening all of them: each record is listed under keyed hashes (HMAC-SHA-256 under the
 * store's index key, its first 64 bits) of what people look for: the beginnings of name and kana, the birth date, the
 * hospital number, the reception's short number. Without the key nobody can tell what a hash stands for, or make one.
 * What the rows do tell: which records share a beginning of a name, a day of birth or a number, and how often
 * (docs/interfaces/local-store.md). They decide nothing: whoever finds a record opens it and compares. */
#pragma once

#include "delivery/desk_note.h"
#include "delivery/store_access.h"

#define SEARCH_PREFIX_MAX 8 /* characters of a name that are told apart by the index */

/* The tokens of a record: of the person, of the note's number, of the record's id. */
result search_index_tokens(const store_access *s, const char *id, const char *hospital_number,
                           const desk_person *person, terminal_tokens *out);

/* What somebody looks for, in comparable form. Each may be empty. */
typedef struct search_query {
    char name[FHIR_NAME_SIZE];        /* the beginning of name or kana, or of the given name alone */
    char birth_date[CLOCK_DATE_SIZE]; /* the whole day */
    char code[FHIR_WORD_SIZE];        /* hospital number, short number or the whole id of a reception */
} search_query;

/* Takes the words that somebody typed: dates (2026-11-30, 20261130), numbers, names; several words of names are one
 * name. RESULT_INVALID: there are two of a kind, or nothing that could be looked for. */
result search_query_read(const char *const words[], size_t count, search_query *out);

/* Takes one word as the name of a reception: its short number, its id, or a hospital number. RESULT_INVALID: it is
 * neither. */
result search_query_of_code(const char *word, search_query *out);

/* Ids that may match, the newest first, at most max. before: NULL, or the id to go on behind. RESULT_INVALID: nothing is
 * looked for. */
result search_index_find(const store_access *s, const search_query *query, const char *before, char out[][37],
                         size_t max, size_t *count);

/* Whether this record is what was looked for. */
bool search_query_matches(const search_query *query, const char *id, const char *hospital_number,
                          const desk_person *person);

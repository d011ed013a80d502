/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finding sealed records without opening all of them: each record is listed under keyed hashes (HMAC-SHA-256 under the
 * store's index key, its first 64 bits) of the search terms: the beginnings of name and kana, the birth date, the
 * hospital number, the reception's short number. Without the key a hash can be neither understood nor made. The rows
 * disclose which records share a beginning of a name, a day of birth or a number, and how often
 * (docs/interfaces/local-store.md). A hit decides nothing: the record is opened and compared. */
#pragma once

#include "delivery/desk_note.h"
#include "delivery/store_access.h"

#define SEARCH_PREFIX_MAX 8 /* indexed characters of a name */

/* The tokens of a record: of the person, of the note's number, of the record's id. */
result search_index_tokens(const store_access *s, const char *id, const char *hospital_number,
                           const desk_person *person, terminal_tokens *out);

/* A search in comparable form. Each member may be empty. */
typedef struct search_query {
    char name[FHIR_NAME_SIZE];        /* the beginning of name or kana, or of the given name alone */
    char birth_date[CLOCK_DATE_SIZE]; /* the whole day */
    char code[FHIR_WORD_SIZE];        /* hospital number, short number or the whole id of a reception */
} search_query;

/* Reads the typed words of a search: dates (2026-11-30, 20261130), numbers, names; several words of names are one
 * name. RESULT_INVALID: two of a kind, or nothing to search for. */
result search_query_read(const char *const words[], size_t count, search_query *out);

/* Takes one word as the name of a reception: its short number, its id, or a hospital number. RESULT_INVALID: it is
 * neither. */
result search_query_of_code(const char *word, search_query *out);

/* Ids that may match, the newest first, at most max. before: NULL, or the id to continue after. RESULT_INVALID: the
 * query is empty. */
result search_index_find(const store_access *s, const search_query *query, const char *before, char out[][37],
                         size_t max, size_t *count);

/* Whether this record matches the query. */
bool search_query_matches(const search_query *query, const char *id, const char *hospital_number,
                          const desk_person *person);

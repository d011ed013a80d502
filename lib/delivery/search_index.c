/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/search_index.h"

#include "delivery/japanese_text.h"

#include "base/uuid.h"
#include "crypt/digest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define FIELD_NAME "name"
#define FIELD_BIRTH "birth"
#define FIELD_NUMBER "number"
#define FIELD_RECEPTION "reception"
#define TOKEN_TEXT_MAX (FHIR_NAME_SIZE + 32)
#define TOKEN_LENGTH 8

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static result token_of(const store_access *s, const char *field, const char *text, size_t length, int64_t *token) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    char labelled[TOKEN_TEXT_MAX];
    uint64_t number = 0;
    const int whole = snprintf(labelled, sizeof labelled, "search\n%s\n%.*s", field, (int)length, text);
    if (whole < 0 || (size_t)whole >= sizeof labelled)
        return RESULT_TOO_LONG;
    const result code = crypt_hmac_sha256(BYTES(s->index_key), bytes_of(labelled, (size_t)whole), mac);
    for (size_t i = 0; i < TOKEN_LENGTH; i++)
        number = number << 8 | mac[i];
    memcpy(token, &number, sizeof *token);
    return code;
}

static result add(const store_access *s, const char *field, const char *text, size_t length, terminal_tokens *out) {
    if (length == 0)
        return RESULT_OK;
    if (out->count == TERMINAL_TOKENS_MAX)
        return RESULT_TOO_LONG;
    return token_of(s, field, text, length, &out->token[out->count++]);
}

/* Adds every prefix, up to SEARCH_PREFIX_MAX characters. */
static result add_beginnings(const store_access *s, const char *folded, terminal_tokens *out) {
    const size_t length = japanese_length(folded);
    result code = RESULT_OK;
    for (size_t i = 1; code == RESULT_OK && i <= length && i <= SEARCH_PREFIX_MAX; i++)
        code = add(s, FIELD_NAME, folded, japanese_prefix(folded, i), out);
    return code;
}

#define BLANKS " \t"
#define WIDE_BLANK "\xE3\x80\x80" /* U+3000 */

/* What follows the first blank, wide or not; "" when there is none. */
static const char *given_name(const char *name) {
    const char *narrow = strpbrk(name, BLANKS), *wide = strstr(name, WIDE_BLANK);
    if (narrow == NULL && wide == NULL)
        return "";
    return wide == NULL || (narrow != NULL && narrow < wide) ? narrow : wide;
}

static result add_name(const store_access *s, const char *name, terminal_tokens *out) {
    char folded[FHIR_NAME_SIZE];
    if (*name == 0 || japanese_fold_name(name, folded, sizeof folded) != RESULT_OK)
        return RESULT_OK; /* a name that cannot be compared is not found by name */
    result code = add_beginnings(s, folded, out);
    if (code == RESULT_OK && japanese_fold_name(given_name(name), folded, sizeof folded) == RESULT_OK)
        code = add_beginnings(s, folded, out);
    return code;
}

result search_index_tokens(const store_access *s, const char *id, const char *hospital_number,
                           const desk_person *person, terminal_tokens *out) {
    char number[RECEPTION_NUMBER_SIZE];
    out->count = 0;
    reception_number(id, number);
    result code = add(s, FIELD_RECEPTION, number, strlen(number), out);
    if (code == RESULT_OK)
        code = add(s, FIELD_NUMBER, hospital_number, strlen(hospital_number), out);
    if (code == RESULT_OK)
        code = add(s, FIELD_BIRTH, person->birth_date, strlen(person->birth_date), out);
    if (code == RESULT_OK)
        code = add_name(s, person->name, out);
    return code == RESULT_OK ? add_name(s, person->kana, out) : code;
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static bool all_digits(const char *text) {
    return *text != 0 && strspn(text, "0123456789") == strlen(text);
}

/* 2026-11-30, or eight digits that are a day; a hospital number of eight digits that are one is found as both. */
static bool read_day(const char *folded, char day[CLOCK_DATE_SIZE]) {
    if (strlen(folded) == 8 && all_digits(folded))
        snprintf(day, CLOCK_DATE_SIZE, "%.4s-%.2s-%.2s", folded, folded + 4, folded + 6);
    else
        snprintf(day, CLOCK_DATE_SIZE, "%.10s", folded);
    return (strlen(folded) == 8 || strlen(folded) == 10) && clock_check_date(day) == RESULT_OK;
}

static bool has_digit(const char *text) {
    return strpbrk(text, "0123456789") != NULL;
}

/* The canonical form of an id is in lower case. */
static void take_code(const char *folded, char code[FHIR_WORD_SIZE]) {
    char lower[FHIR_WORD_SIZE];
    snprintf(lower, sizeof lower, "%s", folded);
    for (char *c = lower; *c != 0; c++)
        *c = (char)tolower((unsigned char)*c);
    snprintf(code, FHIR_WORD_SIZE, "%s", uuid_is_valid(lower) ? lower : folded);
}

static result take_name(const char *word, char name[FHIR_NAME_SIZE]) {
    char folded[FHIR_NAME_SIZE];
    const size_t used = strlen(name);
    const result code = japanese_fold_name(word, folded, sizeof folded);
    if (code != RESULT_OK)
        return RESULT_INVALID;
    if (used + strlen(folded) >= FHIR_NAME_SIZE)
        return RESULT_INVALID;
    memcpy(name + used, folded, strlen(folded) + 1);
    return RESULT_OK;
}

static result take_word(const char *word, search_query *out) {
    char folded[FHIR_WORD_SIZE], day[CLOCK_DATE_SIZE];
    if (japanese_fold_code(word, folded, sizeof folded) != RESULT_OK || !has_digit(folded))
        return take_name(word, out->name);
    char *place = read_day(folded, day) ? out->birth_date : out->code;
    if (*place != 0)
        return RESULT_INVALID;
    if (place == out->birth_date)
        memcpy(out->birth_date, day, sizeof day);
    else
        take_code(folded, out->code);
    return RESULT_OK;
}

result search_query_read(const char *const words[], size_t count, search_query *out) {
    result code = count > 0 ? RESULT_OK : RESULT_INVALID;
    *out = (search_query){0};
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        code = take_word(words[i], out);
    return code;
}

result search_query_of_code(const char *word, search_query *out) {
    char folded[FHIR_WORD_SIZE];
    *out = (search_query){0};
    const result code = japanese_fold_code(word, folded, sizeof folded);
    if (code == RESULT_OK)
        take_code(folded, out->code);
    return code == RESULT_OK || code == RESULT_NO_MEMORY ? code : RESULT_INVALID;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* The tokens of a query: one set of alternatives for each part of it, the rarest first. */
typedef struct parts {
    terminal_tokens sets[3];
    size_t count;
} parts;

static result add_code(const store_access *s, const char *code_text, terminal_tokens *set) {
    char number[RECEPTION_NUMBER_SIZE];
    if (uuid_is_valid(code_text)) {
        reception_number(code_text, number);
        return add(s, FIELD_RECEPTION, number, strlen(number), set);
    }
    const result code = add(s, FIELD_NUMBER, code_text, strlen(code_text), set);
    return code == RESULT_OK && strlen(code_text) == RECEPTION_NUMBER_LENGTH
               ? add(s, FIELD_RECEPTION, code_text, strlen(code_text), set)
               : code;
}

/* Eight digits that are a day may be a hospital number. */
static result add_day(const store_access *s, const char *day, terminal_tokens *set) {
    char digits[16];
    const result code = add(s, FIELD_BIRTH, day, strlen(day), set);
    snprintf(digits, sizeof digits, "%.4s%.2s%.2s", day, day + 5, day + 8);
    return code == RESULT_OK ? add(s, FIELD_NUMBER, digits, strlen(digits), set) : code;
}

static result parts_of(const store_access *s, const search_query *q, parts *out) {
    result code = RESULT_OK;
    *out = (parts){0};
    if (q->code[0] != 0)
        code = add_code(s, q->code, &out->sets[out->count++]);
    if (code == RESULT_OK && q->birth_date[0] != 0)
        code = add_day(s, q->birth_date, &out->sets[out->count++]);
    if (code == RESULT_OK && q->name[0] != 0)
        code = add(s, FIELD_NAME, q->name, japanese_prefix(q->name, SEARCH_PREFIX_MAX), &out->sets[out->count++]);
    return code == RESULT_OK && out->count == 0 ? RESULT_INVALID : code;
}

/* Merges two lists, each newest first and without duplicates. */
static size_t merge(char out[][37], size_t count, char more[][37], size_t more_count, size_t max) {
    for (size_t i = 0; i < more_count; i++) {
        size_t at = 0;
        while (at < count && strcmp(out[at], more[i]) > 0)
            at++;
        if (at == max || (at < count && strcmp(out[at], more[i]) == 0))
            continue;
        if (count < max)
            count++;
        memmove(out[at + 1], out[at], (count - at - 1) * sizeof *out);
        memcpy(out[at], more[i], sizeof *out);
    }
    return count;
}

#define FOUND_MAX 256

result search_index_find(const store_access *s, const search_query *query, const char *before, char out[][37],
                         size_t max, size_t *count) {
    parts p;
    char more[FOUND_MAX][37];
    size_t more_count;
    const size_t most = max < FOUND_MAX ? max : FOUND_MAX;
    *count = 0;
    result code = parts_of(s, query, &p);
    terminal_search wanted = {.also = {p.sets[1], p.sets[2]}, .before = before};
    for (size_t i = 0; code == RESULT_OK && i < p.sets[0].count; i++) {
        wanted.token = p.sets[0].token[i];
        code = terminal_store_find(s->file, &wanted, more, most, &more_count);
        if (code == RESULT_OK)
            *count = merge(out, *count, more, more_count, most);
    }
    return code;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static bool begins(const char *name, const char *wanted) {
    char folded[FHIR_NAME_SIZE];
    return *name != 0 && japanese_fold_name(name, folded, sizeof folded) == RESULT_OK &&
           strncmp(folded, wanted, strlen(wanted)) == 0;
}

static bool is_name(const desk_person *p, const char *wanted) {
    return begins(p->name, wanted) || begins(given_name(p->name), wanted) || begins(p->kana, wanted) ||
           begins(given_name(p->kana), wanted);
}

static bool is_code(const char *id, const char *hospital_number, const char *wanted) {
    char number[RECEPTION_NUMBER_SIZE];
    reception_number(id, number);
    return strcmp(wanted, hospital_number) == 0 || strcmp(wanted, number) == 0 || strcmp(wanted, id) == 0;
}

static bool is_day(const char *birth_date, const char *hospital_number, const char *day) {
    char digits[16];
    snprintf(digits, sizeof digits, "%.4s%.2s%.2s", day, day + 5, day + 8);
    return strcmp(birth_date, day) == 0 || strcmp(hospital_number, digits) == 0;
}

bool search_query_matches(const search_query *q, const char *id, const char *hospital_number,
                          const desk_person *person) {
    return (q->name[0] == 0 || is_name(person, q->name)) &&
           (q->code[0] == 0 || is_code(id, hospital_number, q->code)) &&
           (q->birth_date[0] == 0 || is_day(person->birth_date, hospital_number, q->birth_date));
}

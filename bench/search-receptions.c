/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long the desk looks for somebody among very many receptions: a store is filled as the terminal does it, sealed, in
 * the ledger and in the search index; then each question is put as `uketsuke today find` puts it: the index is asked, and
 * what it leads to, at most 50 records, is opened and compared.
 *
 *   search-receptions STORE COUNT QUESTIONS     prints "KIND MEDIAN P99 COUNT" in microseconds for each kind of question
 *
 * The people are drawn from the generator's names, so that frequent names occur often. STORE must not be there. */
#include "../mocks/pf/generator_names.h"
#include "samples.h"

#include "delivery/ledger.h"
#include "delivery/paper_record.h"
#include "delivery/search_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOUND_SHOWN 50 /* today_commands.c */
#define FIRST_AT 1700000000
#define YEARS 90
#define WORD_MAX 1024

static void check(result code, const char *what) {
    if (code == RESULT_OK)
        return;
    fprintf(stderr, "search-receptions: %s: %s\n", what, result_text(code));
    exit(1);
}

/* A number that follows from another; the constants of SplitMix64. */
static uint64_t scatter(uint64_t n) {
    n += 0x9E3779B97F4A7C15;
    n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
    n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
    return n ^ (n >> 31);
}

static void make(size_t number, paper_record *out) {
    const uint64_t random = scatter(number);
    const bool woman = (random & 1) != 0;
    const generator_name family = generator_surname(scatter(random)), given = generator_given_name(random >> 8, woman);
    desk_note *n = &out->note;
    *out = (paper_record){.at = FIRST_AT + (int64_t)number, .kind = PAPER_SELF_PAY, .operator_id = "R-0001"};
    snprintf(out->id, sizeof out->id, "%08x-%04x-7000-8000-%08x%04x", (unsigned)(number >> 16),
             (unsigned)(number & 0xFFFF), (unsigned)(random >> 32), (unsigned)(random >> 16 & 0xFFFF));
    snprintf(n->hospital_number, sizeof n->hospital_number, "%zu", 100000 + number);
    snprintf(n->said.name, sizeof n->said.name, "%s　%s", family.name, given.name);
    snprintf(n->said.kana, sizeof n->said.kana, "%s　%s", family.kana, given.kana);
    char day[40];
    snprintf(day, sizeof day, "%d-%02d-%02d", 1935 + (int)(random % YEARS), 1 + (int)(random / YEARS % 12),
             1 + (int)(random / YEARS / 12 % 28));
    memcpy(n->said.birth_date, day, CLOCK_DATE_SIZE);
    snprintf(n->said.sex, sizeof n->said.sex, "%s", woman ? "female" : "male");
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static void by_name(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%s", p->note.said.name);
}

static void by_kana_beginning(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%.6s", p->note.said.kana); /* two characters */
}

static void by_birth_date(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%s", p->note.said.birth_date);
}

static void by_family_name_and_day(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%.*s", (int)(strstr(p->note.said.kana, "　") - p->note.said.kana), p->note.said.kana);
    snprintf(words[1], WORD_MAX, "%s", p->note.said.birth_date);
}

static void by_hospital_number(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%s", p->note.hospital_number);
}

static void by_nobody(const paper_record *p, char words[2][WORD_MAX]) {
    snprintf(words[0], WORD_MAX, "%s　見本", p->note.said.name);
}

static const struct question {
    const char *kind;
    void (*words)(const paper_record *p, char words[2][WORD_MAX]);
    bool found;
} questions[] = {
    {"name", by_name, true},
    {"kana-beginning", by_kana_beginning, true},
    {"birth-date", by_birth_date, true},
    {"family-name-and-birth-date", by_family_name_and_day, true},
    {"hospital-number", by_hospital_number, true},
    {"nobody", by_nobody, false},
};

/* Whether somebody was found. */
static bool look(store_access *s, const char *const words[], size_t count) {
    search_query query;
    char ids[FOUND_SHOWN + 1][37];
    size_t found = 0, shown = 0;
    check(search_query_read(words, count, &query), "question");
    check(search_index_find(s, &query, NULL, ids, FOUND_SHOWN + 1, &found), "index");
    for (size_t i = 0; i < found && i < FOUND_SHOWN; i++) {
        static paper_record p; /* large: kept off the stack */
        check(paper_record_get(s, ids[i], &p), "record");
        shown += search_query_matches(&query, p.id, p.note.hospital_number, &p.note.said);
    }
    return shown > 0;
}

static void ask(store_access *s, const struct question *q, size_t receptions, size_t times) {
    samples taken = {0};
    for (size_t i = 0; i < times; i++) {
        char words[2][WORD_MAX] = {"", ""};
        static paper_record p; /* large: kept off the stack */
        make(scatter(i) % receptions, &p);
        q->words(&p, words);
        const char *const asked[] = {words[0], words[1]};
        const double begun = samples_now_us();
        const bool found = look(s, asked, words[1][0] != 0 ? 2 : 1);
        samples_add(&taken, samples_now_us() - begun);
        check(found == q->found ? RESULT_OK : RESULT_INTERNAL, q->kind);
    }
    samples_print(&taken, q->kind);
}

static void fill(store_access *s, size_t count) {
    static paper_record p; /* large: kept off the stack */
    for (size_t i = 0; i < count; i++) {
        make(i, &p);
        check(paper_record_add(s, &p), "filling");
    }
}

int main(int argc, char **argv) {
    static const uint8_t key[CRYPT_SEAL_KEY_LENGTH] = {1};
    store_access s = {.unlocked = true};
    if (argc != 4) {
        fputs("usage: search-receptions STORE COUNT QUESTIONS\n", stderr);
        return 2;
    }
    const size_t count = strtoul(argv[2], NULL, 10), times = strtoul(argv[3], NULL, 10);
    check(terminal_store_open(argv[1], &s.file), argv[1]);
    check(store_derive_keys(&s, key), "keys");
    check(ledger_begin(&s), "ledger");
    fill(&s, count);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        ask(&s, &questions[i], count, times);
    ledger_forget(&s);
    terminal_store_close(&s.file);
    return 0;
}

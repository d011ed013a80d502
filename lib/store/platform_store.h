/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the eligibility platform keeps: people and their coverage, answers given, refusals. Its functions are at the
 * level of the domain. Every function but platform_store_replace_people and platform_store_mark_old is one transaction;
 * all is durable when it returns RESULT_OK. Codes besides those named: those of store/sql.h. */
#pragma once

#include "store/kept_value.h"
#include "store/sql.h"
#include "store/terminal_register.h"

#include <stdbool.h>
#include <stdint.h>

#define PLATFORM_TEXT_SIZE 512 /* names, certificate issuers: longest text with its NUL */
#define PLATFORM_WORD_SIZE 65  /* numbers, codes */
#define PLATFORM_COVERAGES_MAX 16
#define PLATFORM_CERTIFICATES_MAX 16

typedef struct platform_coverage {
    char insurer_number[PLATFORM_WORD_SIZE], insurer_name[PLATFORM_TEXT_SIZE];
    char symbol[PLATFORM_WORD_SIZE], number[PLATFORM_WORD_SIZE], branch[PLATFORM_WORD_SIZE];
    bool family;                             /* a dependant, not the insured person */
    char from[11], to[11];                   /* YYYY-MM-DD, both days included; to "" while it lasts */
    int burden_permille;                     /* the patient's own share: 300 is 0.3 */
    char limit_category[PLATFORM_WORD_SIZE]; /* 限度額適用認定証の適用区分; "" when the insurer issued none */
    bool elderly;                            /* 高齢受給者証: from 70 to 74 years of age */
    char loss_reason[PLATFORM_WORD_SIZE];    /* 喪失理由, a code of docs/interfaces/http.md; "" for none */
    /* 公費: the insurer is the public payer, the number the recipient's; no symbol, no branch, no share */
    bool public_expense;
} platform_coverage;

typedef struct platform_certificate {
    char issuer[PLATFORM_TEXT_SIZE]; /* RFC 4514 */
    char serial[PLATFORM_WORD_SIZE]; /* hexadecimal in capitals */
} platform_certificate;

typedef struct platform_person {
    char link_seed[PLATFORM_WORD_SIZE]; /* what link ids are derived from; survives a renewed card */
    char name[PLATFORM_TEXT_SIZE], kana[PLATFORM_TEXT_SIZE];
    char birth_date[11], sex[PLATFORM_WORD_SIZE];
    char postal_code[9], address[PLATFORM_TEXT_SIZE]; /* "" where the insurer gives none */
    platform_certificate certificates[PLATFORM_CERTIFICATES_MAX];
    size_t certificate_count;                            /* filled in for replace_people only */
    platform_coverage coverages[PLATFORM_COVERAGES_MAX]; /* public expenses among them */
    size_t coverage_count;
} platform_person;

/* An answer, kept per evidence. */
typedef struct platform_answer {
    char evidence_id[37];
    char content_hash[65]; /* SHA-256 of the evidence, hexadecimal in capitals */
    char institution_code[PLATFORM_WORD_SIZE], terminal_id[PLATFORM_WORD_SIZE];
    platform_certificate patient;
    char mode[8];
    char validity[2]; /* 1 to 5 */
    int64_t at;
} platform_answer;

/* The marks by which reused evidence is found: no two pieces may share them, and they order the pieces of one SE
 * (docs/interfaces/evidence.md). */
typedef struct platform_marks {
    char challenge[33]; /* the card's, hexadecimal in capitals: once per patient's certificate */
    char se[65];        /* hash of the SE's certificate; "": made online, without an SE */
    int64_t se_counter; /* once per SE */
    int64_t stated_at;  /* the terminal's time, seconds since 1970 */
    int64_t clock_at;   /* the platform's time as the terminal carried it on; 0: unknown */
    bool synchronised;  /* the terminal's clock, as it says */
} platform_marks;

typedef enum platform_conflict {
    PLATFORM_CONFLICT_NONE = 0,
    PLATFORM_CONFLICT_CHALLENGE, /* the challenge is in another piece of this patient's */
    PLATFORM_CONFLICT_COUNTER,   /* the counter is in another piece of this SE's */
    PLATFORM_CONFLICT_ORDER,     /* made later than a piece with a higher counter, or earlier than one with a lower */
} platform_conflict;

/* One ruling to keep: an answer with its evidence, or a refusal. Borrowed. */
typedef struct platform_ruling {
    platform_answer answer; /* of a refusal only institution_code, evidence_id and at count */
    platform_marks marks;   /* of an answer */
    bytes evidence, body;
    const char *refusal; /* the reason; NULL: answered */
    bool known;          /* set by keep: an answer to this evidence id is stored already, so this one was not kept */
    platform_conflict conflict; /* set by keep: another piece of evidence has the same mark, so this one was not kept */
} platform_ruling;

/* The next person of a data set. RESULT_NOT_FOUND: no more. Anything else ends the replacement with that. */
typedef result platform_people(void *context, platform_person *out);

/* Reads the marks of a piece of evidence that the version before has answered. Anything but RESULT_OK: it cannot be
 * read. */
typedef result platform_marker(void *context, bytes evidence, platform_marks *out);

typedef struct platform_counts {
    int64_t people, coverages, answers_online, answers_offline, refusals;
} platform_counts;

typedef struct platform_store platform_store;

/* url: as store/sql.h has it. */
result platform_store_open(const char *url, platform_store **out);
void platform_store_close(platform_store **store);
/* Borrowed from the store. */
terminal_register *platform_store_terminals(platform_store *store);
/* How many refusals of each institution stay, the newest; 0, as after opening: all. */
void platform_store_keep_refusals(platform_store *store, int64_t max);

/* Before other threads use the store: sql_set_connections. */
void platform_store_set_connections(platform_store *store, sql_pool pool);
/* Whether the last reads and writes succeeded (sql_accepts); platform_store_probe reads and writes, to find out whether
 * they do again. */
bool platform_store_accepts(const platform_store *store);
result platform_store_probe(platform_store *store);

/* Replaces the data set as a whole: readers see the old one or the new one. Takes one person after the other, in
 * transactions of a thousand, so a data set may be larger than memory and than what a server takes at once; it is in
 * force at the end, by one row. RESULT_EXISTS: one certificate belongs to two people. RESULT_TIMEOUT: it paused for an
 * hour, and another load has replaced it. */
result platform_store_replace_people(platform_store *store, platform_people *next, void *context, size_t *count);
/* RESULT_NOT_FOUND: no such certificate. */
result platform_store_find_person(platform_store *store, const platform_certificate *certificate, platform_person *out);
/* Many at once, at most PLATFORM_LOOKUP_MAX; those of one issuer by one statement. */
#define PLATFORM_LOOKUP_MAX 128
typedef struct platform_lookup {
    platform_certificate certificate; /* whose */
    bool found;                       /* set; and then person */
    platform_person person;
} platform_lookup;
result platform_store_find_people(platform_store *store, platform_lookup *list, size_t count);
/* Removes refusals older than refusals_before (seconds since 1970). Call it now and then. */
result platform_store_sweep(platform_store *store, int64_t refusals_before);
/* Keeps in one durable step all that are neither known nor in conflict, or none. */
result platform_store_keep(platform_store *store, platform_ruling *rulings, size_t count);
/* Appends the stored body. RESULT_NOT_FOUND. */
result platform_store_find_answer(platform_store *store, const char *evidence_id, platform_answer *out, buffer *body);
/* Many at once, at most PLATFORM_LOOKUP_MAX, by one statement: body is replaced where found. */
typedef struct platform_found {
    const char *evidence_id;
    bool found; /* set; and then answer */
    platform_answer answer;
    buffer *body;
} platform_found;
result platform_store_find_answers(platform_store *store, platform_found *list, size_t count);
/* Confirms that a found answer is durable: platform_store_find_answer may return one that a standby server does not
 * have yet, and that would be lost if the standby took over. RESULT_NOT_FOUND. */
result platform_store_confirm(platform_store *store, const char *evidence_id);
result platform_store_count(platform_store *store, platform_counts *out);
/* The newest answers first, at most max. */
result platform_store_list_answers(platform_store *store, platform_answer *out, size_t max, size_t *count);
/* Adds the marks to some of the answers that the version before has stored without, each from its evidence; of two
 * whose marks conflict, one gets none. *count: how many were examined; 0: none are left. */
result platform_store_mark_old(platform_store *store, platform_marker *read, void *context, size_t *count);
/* kept_value_set_if_absent and kept_value_delete. */
result platform_store_keep_first(platform_store *store, const char *name, const char *value,
                                 char kept[KEPT_VALUE_SIZE]);
result platform_store_forget(platform_store *store, const char *name);

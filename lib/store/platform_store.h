/* What the eligibility platform keeps: people and their coverage, sessions of the online check, answers given, refusals.
 * A struct of functions at the level of the domain, so that a PostgreSQL store can stand behind the same struct: keys are
 * text UUIDs, no triggers, no sequences as order. Every function is one transaction, durable when it returns RESULT_OK.
 * Codes besides those named: those of store/sqlite.h. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define PLATFORM_TEXT_SIZE 512 /* names, certificate issuers: longest text with its NUL */
#define PLATFORM_WORD_SIZE 65  /* numbers, codes */
#define PLATFORM_COVERAGES_MOST 16
#define PLATFORM_CERTIFICATES_MOST 16

typedef struct platform_coverage {
    char insurer_number[PLATFORM_WORD_SIZE], insurer_name[PLATFORM_TEXT_SIZE];
    char symbol[PLATFORM_WORD_SIZE], number[PLATFORM_WORD_SIZE], branch[PLATFORM_WORD_SIZE];
    bool family;          /* a dependant, not the insured person */
    char from[11], to[11]; /* YYYY-MM-DD, both days included; to "" while it lasts */
    int burden_permille;  /* the patient's own share: 300 is 0.3 */
} platform_coverage;

typedef struct platform_certificate {
    char issuer[PLATFORM_TEXT_SIZE]; /* RFC 4514 */
    char serial[PLATFORM_WORD_SIZE]; /* hexadecimal in capitals */
} platform_certificate;

typedef struct platform_person {
    char link_seed[PLATFORM_WORD_SIZE]; /* what link ids are derived from; survives a renewed card */
    char name[PLATFORM_TEXT_SIZE], kana[PLATFORM_TEXT_SIZE];
    char birth_date[11], sex[PLATFORM_WORD_SIZE];
    platform_certificate certificates[PLATFORM_CERTIFICATES_MOST];
    size_t certificate_count; /* filled in for replace_people only */
    platform_coverage coverages[PLATFORM_COVERAGES_MOST];
    size_t coverage_count;
} platform_person;

typedef struct platform_session {
    char id[37];
    char institution_code[PLATFORM_WORD_SIZE], terminal_id[PLATFORM_WORD_SIZE];
    char card_id[17], challenge[33]; /* hexadecimal in capitals */
    char nonce[65];                  /* hexadecimal in capitals */
    int64_t expires;                 /* seconds since 1970 */
} platform_session;

/* An answer, kept per evidence. */
typedef struct platform_answer {
    char evidence_id[37];
    char content_hash[65]; /* SHA-256 of the evidence, hexadecimal in capitals */
    char institution_code[PLATFORM_WORD_SIZE], terminal_id[PLATFORM_WORD_SIZE];
    char mode[8];
    char validity[2]; /* 1 to 5 */
    int64_t at;
} platform_answer;

typedef struct platform_counts {
    int64_t people, coverages, answers_online, answers_offline, refusals, sessions_open;
} platform_counts;

typedef struct platform_store platform_store;
struct platform_store {
    void (*close)(platform_store **store);
    /* Replaces the data set as a whole: readers see the old one or the new one. */
    result (*replace_people)(platform_store *store, const platform_person *people, size_t count);
    /* RESULT_NOT_FOUND: no such certificate. */
    result (*find_person)(platform_store *store, const char *issuer, const char *serial, platform_person *out);
    /* Also forgets sessions that expired before now. */
    result (*put_session)(platform_store *store, const platform_session *session, int64_t now);
    /* Takes the session out: it serves once. RESULT_NOT_FOUND: never given, taken already or forgotten. */
    result (*take_session)(platform_store *store, const char *id, platform_session *out);
    /* Keeps evidence and answer. RESULT_EXISTS when the evidence id is known. */
    result (*put_answer)(platform_store *store, const platform_answer *answer, bytes evidence, bytes body);
    /* Appends the stored body. RESULT_NOT_FOUND. */
    result (*find_answer)(platform_store *store, const char *evidence_id, platform_answer *out, buffer *body);
    result (*put_refusal)(platform_store *store, const char *institution_code, const char *evidence_id,
                          const char *reason, int64_t at);
    result (*count)(platform_store *store, int64_t now, platform_counts *out);
    /* The newest answers first, at most most of them. */
    result (*list_answers)(platform_store *store, platform_answer *out, size_t most, size_t *count);
};

result platform_store_open_sqlite(const char *path, platform_store **out);

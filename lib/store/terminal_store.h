/* What a terminal keeps: settings and records. Everything personal arrives sealed (lib/crypt/seal.h) and under lookup
 * keys that are HMACs: this file sees neither names nor numbers nor card serials. Codes: those of store/sqlite.h. */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

#define TERMINAL_WORD_SIZE 65

typedef struct terminal_record {
    char id[37];                      /* UUIDv7: sorts by time */
    char kind[TERMINAL_WORD_SIZE];    /* reception, visit */
    char subject[TERMINAL_WORD_SIZE]; /* HMAC of whom it is about; "" for nobody */
    char state[TERMINAL_WORD_SIZE];
    int64_t at;                       /* seconds since 1970 */
} terminal_record;

typedef struct terminal_store terminal_store;

/* Makes the file, or brings an older one to today's schema. RESULT_NO_MEMORY and the codes of store/sqlite.h. */
result terminal_store_open(const char *path, terminal_store **out);
void terminal_store_close(terminal_store **store);

/* Appends the value. RESULT_NOT_FOUND. */
result terminal_store_setting(terminal_store *store, const char *name, buffer *value);
result terminal_store_set(terminal_store *store, const char *name, bytes value);
result terminal_store_unset(terminal_store *store, const char *name);

/* Adds a record, and in the same transaction a setting (name NULL: none): a reception and the head of the evidence
 * chain are never apart. RESULT_EXISTS. */
result terminal_store_add(terminal_store *store, const terminal_record *record, bytes sealed, const char *name,
                          bytes value);
/* Replaces state and content. RESULT_NOT_FOUND. */
result terminal_store_replace(terminal_store *store, const char *id, const char *state, bytes sealed);
/* Appends the content. RESULT_NOT_FOUND. */
result terminal_store_get(terminal_store *store, const char *id, terminal_record *out, buffer *sealed);

/* Which records: of this kind; a NULL subject or state matches every one. */
typedef struct terminal_filter {
    const char *kind, *subject, *state;
    const char *after; /* an id: only those that come after it in this order; NULL: from the first on */
    bool newest_first;
} terminal_filter;

/* At most most ids, in order of time. */
result terminal_store_list(terminal_store *store, const terminal_filter *filter, terminal_record *out, size_t most,
                           size_t *count);
/* How many of this kind; state NULL: in any. However many there are, it takes no time. */
result terminal_store_count(terminal_store *store, const char *kind, const char *state, int64_t *count);

/* --- audit: rows are only ever added; nothing personal has a place in them ---------------------------------------- */

typedef struct terminal_audit_row {
    int64_t number;                        /* 1, 2, 3, ... */
    int64_t at;                            /* seconds since 1970 */
    char event[TERMINAL_WORD_SIZE];        /* a command, or what happened */
    char operator_id[TERMINAL_WORD_SIZE];  /* of the operator's certificate; "" for nobody */
    char outcome[TERMINAL_WORD_SIZE];      /* "ok", or the reason of the failure, one word */
    char subject[TERMINAL_WORD_SIZE];      /* evidence or visit id; "" for none */
    char chain[TERMINAL_WORD_SIZE];        /* hash over this row and the one before */
} terminal_audit_row;

/* signature: of a checkpoint; else empty. RESULT_EXISTS: another process has just used that number. */
result terminal_store_audit_add(terminal_store *store, const terminal_audit_row *row, bytes signature);
/* RESULT_NOT_FOUND: there is none yet. */
result terminal_store_audit_last(terminal_store *store, terminal_audit_row *out);

typedef result terminal_audit_visit(void *context, const terminal_audit_row *row, bytes signature);
/* Rows from this number on, in order, until visit returns something else than RESULT_OK. */
result terminal_store_audit_each(terminal_store *store, int64_t from, terminal_audit_visit *visit, void *context);

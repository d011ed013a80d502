/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal keeps: settings and records. Personal data comes sealed (lib/crypt/seal.h) and under lookup keys that
 * are HMACs: this file sees no names, numbers or card serials. Codes: those of store/sql.h. */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

#define TERMINAL_WORD_SIZE 65

#define TERMINAL_NO_VERSION (-1) /* of a row that this program has not written so: cut text, another type */

typedef struct terminal_record {
    char id[37];                      /* UUIDv7: sorts by time */
    char kind[TERMINAL_WORD_SIZE];    /* reception, visit */
    char subject[TERMINAL_WORD_SIZE]; /* HMAC of the person; "" for none */
    char state[TERMINAL_WORD_SIZE];
    int64_t at;      /* seconds since 1970 */
    int64_t version; /* 1, and one more at each change */
} terminal_record;

typedef struct terminal_store terminal_store;

/* Makes the store (of a path: the file), or brings an older one to today's schema. url: as store/sql.h has it.
 * RESULT_EXPIRED: its version is from before stores were bound to their SE; it was not changed.
 * RESULT_NO_MEMORY and the codes of store/sql.h. */
result terminal_store_open(const char *url, terminal_store **out);
void terminal_store_close(terminal_store **store);

/* Settings in clear: those that must be readable while nothing can be unsealed. Their version is 0. */
result terminal_store_set(terminal_store *store, const char *name, bytes value);
result terminal_store_unset(terminal_store *store, const char *name);
/* Appends the value; version NULL: not asked for. RESULT_NOT_FOUND. */
result terminal_store_setting(terminal_store *store, const char *name, int64_t *version, buffer *value);

/* A change of one of the sealed settings. */
typedef struct terminal_setting {
    const char *name; /* NULL: none */
    int64_t version;  /* from 1 on */
    bytes value;
    bool gone;
} terminal_setting;

#define TERMINAL_SETTINGS 3

/* Words by which a record is found: keyed hashes of what people look for (delivery/search_index.h). */
#define TERMINAL_TOKENS_MAX 64
typedef struct terminal_tokens {
    int64_t token[TERMINAL_TOKENS_MAX];
    size_t count;
} terminal_tokens;

/* A new record, and what it is found by. */
typedef struct terminal_addition {
    terminal_record record;
    bytes sealed;
    const terminal_tokens *tokens; /* NULL: none */
} terminal_addition;

/* What is changed in one transaction: a record, its head of the chain and the ledger are never apart. */
typedef struct terminal_change {
    const terminal_record *record;      /* NULL: none */
    bool is_new;                        /* else state, version and content of the one with this id are replaced */
    bytes sealed;                       /* its content; empty, for one that is there: as it is */
    const terminal_tokens *tokens;      /* added to those that lead to the record; NULL: none */
    const terminal_addition *additions; /* more records, each of them new */
    size_t addition_count;
    terminal_setting settings[TERMINAL_SETTINGS];
} terminal_change;

/* RESULT_EXISTS, RESULT_NOT_FOUND (nothing was changed). */
result terminal_store_change(terminal_store *store, const terminal_change *change);

/* Appends the content; nothing when it is gone. RESULT_NOT_FOUND. */
result terminal_store_get(terminal_store *store, const char *id, terminal_record *out, buffer *sealed);

/* Every record, and every sealed setting, in no order, until visit returns something else than RESULT_OK. */
typedef result terminal_record_visit(void *context, const terminal_record *record);
result terminal_store_each(terminal_store *store, terminal_record_visit *visit, void *context);
typedef result terminal_setting_visit(void *context, const char *name, int64_t version);
result terminal_store_each_setting(terminal_store *store, terminal_setting_visit *visit, void *context);
/* Every record, and before them one setting (terminal_store_setting), in one state of the store. RESULT_NOT_FOUND: there
 * is no such setting. */
result terminal_store_each_beside(terminal_store *store, const char *name, int64_t *version, buffer *value,
                                  terminal_record_visit *visit, void *context);
/* Whether tables, indexes and triggers are this program's, and agree (sql_check). RESULT_BAD_SIGNATURE: they are
 * others; RESULT_INVALID: they are damaged; RESULT_TIMEOUT: terminal_store_interrupt. */
result terminal_store_check(terminal_store *store);
/* Only checks that they are this program's, which is fast. */
result terminal_store_check_form(terminal_store *store);
/* Interrupts the call in progress (sql_interrupt). */
void terminal_store_interrupt(terminal_store *store);
/* Changes whenever another connection may have changed the store (sql_others). */
result terminal_store_others(terminal_store *store, int64_t *version);
/* sql_forget: what was replaced or deleted is gone from the files. */
result terminal_store_forget(terminal_store *store);

/* Which records: of this kind; a NULL subject or state matches every one. */
typedef struct terminal_filter {
    const char *kind, *subject, *state;
    const char *after; /* an id: only those that come after it in this order; NULL: from the first on */
    bool newest_first;
} terminal_filter;

/* At most max ids, in order of time. */
result terminal_store_list(terminal_store *store, const terminal_filter *filter, terminal_record *out, size_t max,
                           size_t *count);
/* The ids of the records to which this token leads, and one of each set in also, the newest first. before: an id; only
 * those before it, NULL: from the newest on. A hit proves nothing: the caller opens the records. */
#define TERMINAL_ALSO 2         /* sets */
#define TERMINAL_ALTERNATIVES 3 /* tokens in a set; a set that is empty matches everything */
typedef struct terminal_search {
    int64_t token;
    terminal_tokens also[TERMINAL_ALSO];
    const char *before;
} terminal_search;
result terminal_store_find(terminal_store *store, const terminal_search *wanted, char out[][37], size_t max,
                           size_t *count);
/* Adds tokens to a record that is there; takes them off. NULL: all that it has, whichever they are; looks at every token
 * of every record. */
result terminal_store_index(terminal_store *store, const char *id, const terminal_tokens *tokens);
result terminal_store_unindex(terminal_store *store, const char *id, const terminal_tokens *tokens);

/* How many of this kind; state NULL: in any. What a decision rests on is counted by the ledger. */
result terminal_store_count(terminal_store *store, const char *kind, const char *state, int64_t *count);

/* --- audit: rows are only ever added; nothing personal has a place in them ---------------------------------------- */

typedef struct terminal_audit_row {
    int64_t number;                       /* 1, 2, 3, ... */
    int64_t at;                           /* seconds since 1970 */
    char event[TERMINAL_WORD_SIZE];       /* a command, or what happened */
    char operator_id[TERMINAL_WORD_SIZE]; /* of the operator's certificate; "" for none */
    char outcome[TERMINAL_WORD_SIZE];     /* "ok", or the reason of the failure, one word */
    char subject[TERMINAL_WORD_SIZE];     /* evidence or visit id; "" for none */
    char chain[TERMINAL_WORD_SIZE];       /* hash over this row and the one before */
} terminal_audit_row;

/* signature: of a checkpoint; else empty. RESULT_EXISTS: another process has just used that number. */
result terminal_store_audit_add(terminal_store *store, const terminal_audit_row *row, bytes signature);
/* RESULT_NOT_FOUND: there is none yet. */
result terminal_store_audit_last(terminal_store *store, terminal_audit_row *out);

typedef result terminal_audit_visit(void *context, const terminal_audit_row *row, bytes signature);
/* Rows from this number on, in order, until visit returns something else than RESULT_OK. */
result terminal_store_audit_each(terminal_store *store, int64_t from, terminal_audit_visit *visit, void *context);
/* How many rows there are after the newest of this event, and when the oldest of them was made (0: none). */
result terminal_store_audit_since(terminal_store *store, const char *event, int64_t *rows, int64_t *oldest);

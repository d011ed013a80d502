/* The terminals that a service knows: which terminal of which institution works with which Secure Element. Part of the
 * platform's and of the history service's store (the column service keeps them apart where both share one database).
 * An entry is never deleted: a revoked SE stays known as revoked. Codes besides those named: those of store/sql.h. */
#pragma once

#include "store/sql.h"

#define TERMINAL_REGISTER_TEXT_SIZE 65

/* The migration that makes the table, for the stores that hold a register. */
#define TERMINAL_REGISTER_MIGRATION                                                                                    \
    "CREATE TABLE IF NOT EXISTS terminal (service TEXT NOT NULL, certificate_hash TEXT NOT NULL,"                      \
    "  institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL, se_serial TEXT NOT NULL,"                            \
    "  holder_reference TEXT NOT NULL, registered_at BIGINT NOT NULL, revoked_at BIGINT NOT NULL,"                     \
    "  report BYTEA NOT NULL, receipt BYTEA NOT NULL, signature BYTEA NOT NULL,"                                       \
    "  PRIMARY KEY (service, certificate_hash));"                                                                      \
    "CREATE INDEX IF NOT EXISTS terminal_by_id ON terminal (service, institution_code, terminal_id);"

typedef struct terminal_entry {
    char certificate_hash[TERMINAL_REGISTER_TEXT_SIZE]; /* SHA-256 of the SE's institution certificate, hexadecimal in
                                                           capitals: which SE it is */
    char institution_code[TERMINAL_REGISTER_TEXT_SIZE], terminal_id[TERMINAL_REGISTER_TEXT_SIZE];
    char se_serial[TERMINAL_REGISTER_TEXT_SIZE];
    char holder_reference[TERMINAL_REGISTER_TEXT_SIZE]; /* CHR, hexadecimal in capitals */
    int64_t registered_at, revoked_at;                  /* seconds since 1970; revoked_at 0: it may work */
} terminal_entry;

typedef struct terminal_register {
    sql_database *db; /* borrowed */
    const char *service;
} terminal_register;

/* Durable when it returns. RESULT_EXISTS: the SE is known already, or the terminal works with another SE. */
result terminal_register_add(terminal_register *r, const terminal_entry *entry, bytes report, bytes receipt,
                             bytes signature);
/* By SE. Appends receipt and signature; both may be NULL. RESULT_NOT_FOUND. */
result terminal_register_find(terminal_register *r, const char *certificate_hash, terminal_entry *out, buffer *receipt,
                              buffer *signature);
/* That an entry which was found is kept for good (store/platform_store.h: confirm). RESULT_NOT_FOUND. */
result terminal_register_confirm(terminal_register *r, const char *certificate_hash);
/* By terminal: the entry that may work; when there is none, the one revoked last. RESULT_NOT_FOUND. */
result terminal_register_find_terminal(terminal_register *r, const char *institution_code, const char *terminal_id,
                                       terminal_entry *out);
/* revoked_at of the SE; 0 lets it work again, which is RESULT_EXISTS while the terminal works with another. */
result terminal_register_set_revoked(terminal_register *r, const char *certificate_hash, int64_t revoked_at);
/* By institution and terminal id. *count: how many of them there are in out; most: its size. */
result terminal_register_list(terminal_register *r, terminal_entry *out, size_t most, size_t *count);

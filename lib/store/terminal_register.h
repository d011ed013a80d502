/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminals that a service knows: which terminal of which institution works with which Secure Element and which TLS
 * key. An entry is a pair of SE and terminal. An SE serves one terminal, unless the service's administrator lets it
 * serve several (a relay's). Part of the platform's and of the history service's store (the column service keeps them apart
 * where both share one database). An entry is never deleted: a revoked one stays known as revoked. Codes besides those
 * named: those of store/sql.h. */
#pragma once

#include "store/sql.h"

#include <stdbool.h>

#define TERMINAL_REGISTER_TEXT_SIZE 65

/* The migrations that make the table, for the stores that hold a register: first that of the version before, which had
 * one entry per SE and no TLS key, then the present one, which takes over the own entries. */
#define TERMINAL_REGISTER_MIGRATION                                                                                    \
    "CREATE TABLE IF NOT EXISTS terminal (service TEXT NOT NULL, certificate_hash TEXT NOT NULL,"                      \
    "  institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL, se_serial TEXT NOT NULL,"                            \
    "  holder_reference TEXT NOT NULL, registered_at BIGINT NOT NULL, revoked_at BIGINT NOT NULL,"                     \
    "  report BYTEA NOT NULL, receipt BYTEA NOT NULL, signature BYTEA NOT NULL,"                                       \
    "  PRIMARY KEY (service, certificate_hash));"                                                                      \
    "CREATE INDEX IF NOT EXISTS terminal_by_id ON terminal (service, institution_code, terminal_id);"

#define TERMINAL_REGISTER_PAIRS_MIGRATION(service)                                                                     \
    "CREATE TABLE IF NOT EXISTS registration (service TEXT NOT NULL, certificate_hash TEXT NOT NULL,"                  \
    "  institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL, se_serial TEXT NOT NULL,"                            \
    "  holder_reference TEXT NOT NULL, tls_key TEXT NOT NULL, shared BIGINT NOT NULL, registered_at BIGINT NOT NULL,"  \
    "  revoked_at BIGINT NOT NULL, report BYTEA NOT NULL, receipt BYTEA NOT NULL, signature BYTEA NOT NULL,"           \
    "  PRIMARY KEY (service, certificate_hash, terminal_id));"                                                         \
    "CREATE INDEX IF NOT EXISTS registration_by_id ON registration (service, institution_code, terminal_id);"          \
    "CREATE INDEX IF NOT EXISTS registration_by_key ON registration (service, tls_key);"                               \
    "INSERT INTO registration SELECT service, certificate_hash, institution_code, terminal_id, se_serial,"             \
    "  holder_reference, '', 0, registered_at, revoked_at, report, receipt, signature FROM terminal"                   \
    "  WHERE service = '" service "';"

typedef struct terminal_entry {
    char certificate_hash[TERMINAL_REGISTER_TEXT_SIZE]; /* SHA-256 of the SE's institution certificate, hexadecimal in
                                                           capitals: which SE it is */
    char institution_code[TERMINAL_REGISTER_TEXT_SIZE], terminal_id[TERMINAL_REGISTER_TEXT_SIZE];
    char se_serial[TERMINAL_REGISTER_TEXT_SIZE];
    char holder_reference[TERMINAL_REGISTER_TEXT_SIZE]; /* CHR, hexadecimal in capitals; "": see tls_key */
    char tls_key[TERMINAL_REGISTER_TEXT_SIZE];          /* SHA-256 of the TLS key's SubjectPublicKeyInfo, hexadecimal in
                                                           capitals; "": registered by the version before */
    bool shared;                                        /* its SE may serve several terminals */
    int64_t registered_at, revoked_at;                  /* seconds since 1970; revoked_at 0: it may work */
} terminal_entry;

typedef struct terminal_register {
    sql_database *db; /* borrowed */
    const char *service;
} terminal_register;

/* Durable when it returns. RESULT_EXISTS: the pair is known already, or the terminal works with another SE. */
result terminal_register_add(terminal_register *r, const terminal_entry *entry, bytes report, bytes receipt,
                             bytes signature);
/* By SE: its entry for this terminal, or when there is none another one of it. Appends receipt and signature; both may
 * be NULL. RESULT_NOT_FOUND: the SE is not known. */
result terminal_register_find(terminal_register *r, const char *certificate_hash, const char *terminal_id,
                              terminal_entry *out, buffer *receipt, buffer *signature);
/* Confirms that the entries found for an SE are durable (platform_store_confirm). RESULT_NOT_FOUND. */
result terminal_register_confirm(terminal_register *r, const char *certificate_hash);
/* By terminal: the entry with this TLS key; when there is none, the one that may work; else the one revoked last.
 * RESULT_NOT_FOUND. */
result terminal_register_find_terminal(terminal_register *r, const char *institution_code, const char *terminal_id,
                                       const char *tls_key, terminal_entry *out);
/* By TLS key: a revoked entry before others, for terminals of this institution. RESULT_NOT_FOUND. */
result terminal_register_find_key(terminal_register *r, const char *institution_code, const char *tls_key,
                                  terminal_entry *out);
/* Gives the entry of this SE and terminal another TLS key and CHR. */
result terminal_register_set_key(terminal_register *r, const terminal_entry *entry);
/* revoked_at of one entry; 0 lets it work again, which is RESULT_EXISTS while the terminal works with another SE. */
result terminal_register_set_revoked(terminal_register *r, const terminal_entry *entry, int64_t revoked_at);
/* All entries of an SE: revoked; and whether it may serve several terminals. RESULT_NOT_FOUND. */
result terminal_register_revoke_se(terminal_register *r, const char *se_serial, int64_t revoked_at);
result terminal_register_set_shared(terminal_register *r, const char *certificate_hash, bool shared);
/* By institution and terminal id. *count: entries written to out; max: its capacity. */
result terminal_register_list(terminal_register *r, terminal_entry *out, size_t max, size_t *count);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests of others that a service does not take now: kept unchanged, with the service's answer, until the sender has
 * fetched it. A request is a record of the store (delivery/sealed_record.h): durable when it is added, sealed, in the
 * ledger. It belongs to its owner; no other owner can find it or its answer.
 *
 *   queued  ──the service's last word──>  answered  ──the owner has stored it──>  delivered  ──purge──>  purged
 *
 * A request with a signed answer is purged; a refused one stays for a person to look at (refused). A record that cannot
 * be read is set aside (STATE_DAMAGED) and does not delay the others. */
#pragma once

#include "delivery/sealed_record.h"

#include "base/uuid.h"

#define KEPT_BODY_MAX (4 * 1024 * 1024)   /* bytes of a request */
#define KEPT_ANSWER_MAX (2 * 1024 * 1024) /* and of an answer */
#define KEPT_SIGNATURE_MAX 65536          /* characters of Uketsuke-Signature */
#define KEPT_TYPE_SIZE 64

typedef enum kept_service { KEPT_PLATFORM, KEPT_HISTORY, KEPT_SERVICES } kept_service;

/* Of the record. */
#define KEPT_QUEUED STATE_QUEUED
#define KEPT_ANSWERED "answered"
#define KEPT_DELIVERED "delivered"
#define KEPT_REFUSED STATE_REFUSED
#define KEPT_PURGED "purged"

typedef struct kept_request {
    kept_service service;
    char owner[TERMINAL_WORD_SIZE];
    char id[UUID_TEXT_SIZE];
    char state[TERMINAL_WORD_SIZE];
    int64_t at; /* when it was kept, seconds since 1970 */
    buffer body;
    /* from KEPT_ANSWERED on */
    int64_t answered_at;
    int status;
    char type[KEPT_TYPE_SIZE]; /* Content-Type */
    buffer signature;          /* text of Uketsuke-Signature; empty: there was none */
    buffer answer;
} kept_request;

#define KEPT_REQUEST_INIT                                                                                              \
    ((kept_request){.body = BUFFER_INIT(KEPT_BODY_MAX),                                                                \
                    .signature = BUFFER_INIT(KEPT_SIGNATURE_MAX),                                                      \
                    .answer = BUFFER_INIT(KEPT_ANSWER_MAX)})
/* Frees its buffers; its id, service and owner stay. */
void kept_request_wipe(kept_request *r);

/* For all functions: r->service and r->owner, or r->id, name the request; r's buffers must be empty before it is
 * read. */

/* r->service, owner and body are given. RESULT_NOT_FOUND: this owner has no such request here, or has fetched its
 * answer. Else r is filled. */
result kept_request_find(store_access *s, kept_request *r);
/* Adds several with one write to the disk: all or none. One with a status has its answer already, with type and
 * signature, and is KEPT_ANSWERED from the start. Duplicates are not removed (kept_request_is_same). Durable when it
 * returns RESULT_OK; id, state and at of each are filled in. At most GROUP_COMMIT_MAX (store/group_commit.h). */
result kept_request_add(store_access *s, kept_request *const *all, size_t count);
/* Whether both are the same bytes of the same owner for the same service. */
bool kept_request_is_same(const kept_request *a, const kept_request *b);
/* The oldest queued one of this service after r->id ("": of all). *damaged is raised for each that is set aside on the
 * way. RESULT_NOT_FOUND: there is none. */
result kept_request_next(store_access *s, kept_request *r, long long *damaged);
/* Stores the service's final answer: r is as kept_request_next has filled it, with status, type, signature and
 * answer. */
result kept_request_answer(store_access *s, kept_request *r);
/* The oldest answered one of this service and owner after r->id, otherwise like kept_request_next. */
result kept_request_next_answer(store_access *s, kept_request *r, long long *damaged);
/* Notes that the owner has stored the answer to request id. RESULT_NOT_FOUND: this owner has no answer of that id. A
 * repeated call is RESULT_OK. */
result kept_request_delivered(store_access *s, const char *owner, const char *id);
/* Removes content and answer of what was delivered and had its signed answer before this time, so that they are gone
 * from the files, too; a tombstone stays: hashes, status, signature, times. At most a bounded number in a call;
 * *purged: how many. RESULT_UNAVAILABLE with *purged > 0: another connection is reading, so terminal_store_forget must
 * be repeated. */
result kept_request_purge(store_access *s, int64_t before, long long *purged);

/* How many are in this state. */
int64_t kept_request_count(const store_access *s, kept_service service, const char *state);
/* The same for one owner, at most max. */
result kept_request_count_of(store_access *s, kept_service service, const char *owner, const char *state, size_t max,
                             size_t *count);
/* When the oldest queued one was kept; 0: none waits. */
int64_t kept_request_oldest(store_access *s, kept_service service);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Registers visit records of one sender: validates, keeps, receipts. Each record gets its own verdict, as if it had
 * come alone; they only share the queries to the store. */
#pragma once

#include "history.h"

#include "fhir/visit_batch.h"
#include "service/refusal.h"

typedef struct registration_answer {
    int status;                         /* 201: registered now; 200: known with this content; else that of refused */
    char content_hash[VISIT_HASH_SIZE]; /* of the record's bytes */
    buffer receipt, signature;          /* of 200 and 201: as they are stored */
    refusal refused;
} registration_answer;

/* records: 1 to VISIT_BATCH_MAX. answers: as many, filled afresh. A receipt is in it only after the visit is on disk.
 * False: the store failed, or there is no memory; then no answer is given for any of them, and the sender repeats the
 * batch. registration_wipe in any case. */
bool registration_rule(history *h, const http_peer *peer, const bytes records[], size_t count,
                       registration_answer answers[]);
void registration_wipe(registration_answer answers[], size_t count);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that every service gives alike: errors as FHIR OperationOutcome, the time beacon, signed answers. */
#pragma once

#include "fhir/outcome.h"
#include "net/http_server.h"
#include "service/signer.h"

/* Fills the reply with an OperationOutcome, whatever it held. code: of http://hl7.org/fhir/issue-type; text: what is
 * wrong, and what to do next. */
void reply_outcome(http_reply *reply, int status, const char *code, const char *text);

/* An http_refuser: the code follows from the status. */
void reply_refuse(void *context, int status, const char *cause, http_reply *reply);

/* For a body that a reader of lib/fhir has refused: 400 when it is no JSON object at all, else 422. */
void reply_misread(http_reply *reply, bytes body, const char *code, const fhir_problem *problem);
/* Which of the two: true for 400. problem receives the words for it. */
bool reply_is_no_json(bytes body, fhir_problem *problem);

/* 503 with Retry-After: the caller keeps its request and repeats it. */
void reply_unavailable(http_reply *reply, const char *text);

/* A service's status. */
typedef struct reply_beacon_facts {
    const char *name;
    bool accepts;                  /* whether the service can serve now */
    int64_t not_before, not_after; /* the caller's slot, in seconds since 1970 */
    int visit_batch;               /* how many visits it takes in one call; 0: not stated */
} reply_beacon_facts;
/* 200 {"service":name,"status":"up","accepts":...,"notBefore":...,"notAfter":...,"time":...,"visitBatch":...}: GET
 * /status. */
void reply_beacon(http_reply *reply, const reply_beacon_facts *facts);

/* Sets status and the signature over the present body; 503 when it cannot be signed. */
void reply_signed(http_reply *reply, int status, const service_signer *signer);
/* The same with a signature over content, which the body proves (fhir/answer_proof.h). */
void reply_signed_over(http_reply *reply, int status, bytes content, const service_signer *signer);

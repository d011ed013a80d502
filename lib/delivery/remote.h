/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls to the platform and the history service over an open client: verifies signed answers, and returns when the
 * service asked to retry. */
#pragma once

#include "crypt/trust.h"
#include "delivery/pacing.h"
#include "fhir/batch_answer.h"
#include "net/http_client.h"

#define REMOTE_SILENCE_MS 800               /* to connect, and for an answer to remote_ping */
#define REMOTE_TIMEOUT_MS 20000             /* of a whole call */
#define REMOTE_ANSWER_MAX (4 * 1024 * 1024) /* bytes of an answer's body */

/* The names (CN) under institution-ca with which the services sign. */
#define REMOTE_SIGNER_PLATFORM "Platform answers"
#define REMOTE_SIGNER_HISTORY "History receipts"

/* A service as its caller reaches it. The functions are the caller's; they get context. */
typedef struct remote {
    http_client *client; /* NULL: not open */
    void *context;
    /* The authorities of institution-ca, which certify the signers of answers; remote frees them. */
    result (*institutions)(void *context, trust **out);
    /* Called around each call, which ends within seconds by the client's own time-outs. end gets what begin returned.
     * Both may be NULL. */
    bool (*begin)(void *context, unsigned seconds);
    void (*end)(void *context, bool begun);
    /* Whether a long operation must stop for more urgent work. NULL: never. */
    bool (*must_stop)(void *context);
} remote;

typedef struct remote_answer {
    int status;                            /* of HTTP; 0: there was no whole answer */
    buffer body;                           /* as it was sent */
    buffer signature;                      /* DER; of an answer that was to be signed */
    eligibility_batch_answer *entries;     /* of a batch's answer; NULL: there is none */
    pacing_wait wait;                      /* when the service asked to retry */
    char message[HTTP_CLIENT_MESSAGE_MAX]; /* why not, in words for people and in their language (service_words.h); ""
                                              when status is 200 or 201 */
    char detail[HTTP_CLIENT_MESSAGE_MAX];  /* what the service wrote itself, in English; "" when it wrote nothing */
} remote_answer;

/* Frees what an answer owns. */
void remote_answer_wipe(remote_answer *answer);

/* One POST. out is made afresh; wipe it after every call. Failure of the transport: its result, the client's sentence,
 * status 0. When signer is not NULL, the signature of an answer with status 200 or 201 is verified; signer: the CN that
 * the signing certificate must have. RESULT_BAD_SIGNATURE: not signed by that service. RESULT_UNAVAILABLE with a
 * status: this machine's own revocation list is missing or too old. */
result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out);
/* One GET, likewise. */
result remote_get(const remote *r, const char *path, const char *signer, remote_answer *out);
/* A CoverageEligibilityRequest for the platform, likewise: what is signed of the answer is its signed form
 * (fhir/signed_answer.h), which follows from its parts and their salts. RESULT_UNSUPPORTED: the answer has none, as
 * from a platform of the version before. */
result remote_post_inquiry(const remote *r, bytes body, remote_answer *out);
/* A batch for the platform, likewise: what is signed of the answer is the root of its entries (fhir/answer_proof.h),
 * with a path for each entry. */
result remote_post_batch(const remote *r, bytes body, remote_answer *out);
/* A batch of pre-checks, likewise (delivery/pre_check.h). */
result remote_post_pre_check(const remote *r, bytes body, remote_answer *out);

/* Verifies an answer that a relay has kept, like a direct answer of the service. signature: the text of
 * Uketsuke-Signature, "" when there was none. is_batch: as of remote_post_batch; is_inquiry: of
 * remote_post_inquiry. Codes of remote_post. */
typedef struct remote_kept {
    int status;
    bytes body;
    const char *signature;
    bool is_batch, is_inquiry;
} remote_kept;
result remote_take(const remote *r, const remote_kept *kept, const char *signer, remote_answer *out);

/* What a service says about itself (GET /status). */
typedef struct remote_state {
    bool accepts; /* it can serve now; true for a service that does not say */
    bool keeps;   /* a relay in between keeps what the service does not take now; set also on failure */
    bool results; /* the relay has answers for this terminal */
    /* The institution's slot and the present, in seconds since 1970 by the service's clock; 0: not said. */
    int64_t not_before, not_after, now;
    int64_t visit_batch; /* how many visits it takes in one call; 0: one */
} remote_state;
/* remote_ping, and what the service, or the relay before it, said. */
result remote_ask_state(const remote *r, remote_state *state, char *message, size_t size);

/* Whether the service answers within REMOTE_SILENCE_MS; leaves a warm connection. RESULT_UNAVAILABLE or RESULT_TIMEOUT:
 * it does not. Anything else (a certificate of another CA, ours refused) must be shown to people: it is in message. */
result remote_ping(const remote *r, char *message, size_t size);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls to the platform and the history service: HTTPS with the TLS key in the SE, answers verified by
 * their signature. */
#pragma once

#include "core/terminal.h"

#include "fhir/eligibility.h"
#include "net/http_client.h"

/* How long the platform may be silent before the terminal works offline (the operator has no say in it). */
#define SERVICE_SILENCE_MS 800
#define SERVICE_COUNTER_MS 3000 /* one call while a patient waits: a lost answer must not hold up the counter */
#define SERVICE_TIMEOUT_MS 20000

/* A client for one service; the failure is reported. The daemon gets the one that it closed a short while
 * ago: its connection still stands, which saves a handshake and two signatures of the SE. */
outcome service_open(terminal *t, service which, http_client **out);
/* Keeps it for the next one, or ends it. */
void service_close(terminal *t, service which, http_client **client);

/* Ends all of them. */
void services_end(terminal *t);

/* Whether the platform answers within SERVICE_SILENCE_MS; leaves a warm connection. RESULT_UNAVAILABLE or
 * RESULT_TIMEOUT mean: work offline. Anything else (a certificate of another CA, ours refused) is no reason to trust
 * the network less quietly: it is in message, for the operator to see. */
result service_ping(http_client *client, char *message, size_t size);

/* One POST. On failure of the transport: result and client's sentence; *status 0. The answer's signature is verified
 * when status is 200 or 201 and signer is not NULL: the CN that the signing certificate must have under institution-ca.
 * RESULT_BAD_SIGNATURE: not signed by that service. 429 and 503 with Retry-After leave the seconds in t->waits[] of
 * that service, until its next answer. body and signature (DER) receive the answer. */
result service_post(terminal *t, http_client *client, const char *path, const char *type, bytes body,
                    const char *signer, int *status, buffer *answer, buffer *signature, char *message, size_t size);

/* A batch for the platform, likewise: what is signed of the answer is the root of its entries (fhir/answer_proof.h),
 * to which each of them leads. *entries: the answer, read; the caller frees it, also after failure (NULL: there was
 * none). */
result service_post_batch(terminal *t, http_client *client, bytes body, int *status, eligibility_batch_answer **entries,
                          buffer *signature, char *message, size_t size);

/* One GET, likewise. */
result service_get(terminal *t, http_client *client, const char *path, const char *signer, int *status, buffer *answer,
                   buffer *signature, char *message, size_t size);

#define SERVICE_SIGNER_PLATFORM "Platform answers"
#define SERVICE_SIGNER_HISTORY "History receipts"

#define SERVICE_MESSAGE_SIZE HTTP_CLIENT_MESSAGE_MAX

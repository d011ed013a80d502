/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests with evidence that never saw a card, for programs that send them. Ends the program on failure. */
#pragma once

#include "evidence_maker.h"

#include "fhir/eligibility.h"
#include "fhir/institution_exchange.h"
#include "net/http_client.h"

/* A fresh offline reception of today; number makes its challenge another one than the
 * last. eligibility_request_wipe. */
void request_maker_make(const evidence_maker *m, size_t number, eligibility_request *out);

/* A fresh online reception in the session that the platform opened for this challenge (hexadecimal). */
void request_maker_online(const evidence_maker *m, const char *challenge, const institution_answer *session,
                          eligibility_request *out);

/* The terminal's client: keys of se-1 below pki. response_max: bytes of an answer that it takes. */
http_client *request_maker_client(const char *url, const char *pki, size_t response_max);
/* Likewise with the certificate tls-client.pem in a folder; the key is se-1's. */
http_client *request_maker_client_of(const char *url, const char *pki, const char *folder, size_t response_max);

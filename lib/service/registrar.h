/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Registration: a service knows each terminal by the Secure Element it works with. A terminal registers itself with the
 * report of its enrolment, signed by its SE; the service's administrator admits, revokes and restores. What comes from
 * a terminal or an SE that is not registered is refused, unless [terminals] registered-only = no. */
#pragma once

#include "service/refusal.h"
#include "service/signer.h"
#include "store/terminal_register.h"

#define REGISTRAR_CLOCK_TOLERANCE_S 300

typedef struct registrar {
    terminal_register *terminals; /* all borrowed */
    const trust *institutions;
    const service_signer *signer;
    bool registered_only;
} registrar;

/* [terminals] registered-only: yes (default) or no. */
result registrar_open(const configuration *c, terminal_register *terminals, const trust *institutions,
                      const service_signer *signer, registrar *out);

/* What is to be registered. report: empty when it is registered by paper. Borrows. */
typedef struct registrar_applicant {
    terminal_entry entry;     /* shared is ignored: the register has it */
    const char *tls_terminal; /* the terminal in the TLS certificate */
    bytes report;
} registrar_applicant;

/* Registers; gives the signed receipt. The same SE for the same terminal again: the same bytes, *known true, and the
 * present TLS key and CHR. A refusal (409, 422, 503) is in *refused, and the result is RESULT_REFUSED. */
result registrar_register(const registrar *r, const registrar_applicant *wanted, buffer *receipt, buffer *signature,
                          bool *known, refusal *refused);

/* POST /terminals. */
void registrar_reply(const registrar *r, const http_request *request, http_reply *reply);

/* The sender of work, and of the connection. Online evidence is not signed by the SE: certificate_hash,
 * se_serial and holder_reference are "" then. */
typedef struct registrar_sender {
    const char *institution_code, *terminal_id;
    const char *certificate_hash, *se_serial, *holder_reference; /* CHR, hexadecimal in capitals */
    const char *tls_key;                                         /* http_peer.key */
} registrar_sender;

/* False: 403 not registered, or with another TLS key (register, and send again), 422 revoked, or another SE, serial or
 * CHR than the register's; 503 the store fails. What was revoked is refused also where registered-only = no. */
bool registrar_permits(const registrar *r, const registrar_sender *sender, refusal *refused);

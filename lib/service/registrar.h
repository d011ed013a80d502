/* Who may send: a service knows each terminal by the Secure Element it works with. A terminal registers itself with the
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

/* A certificate's name in the register. */
void registrar_certificate_hash(const certificate *c, char hash[TERMINAL_REGISTER_TEXT_SIZE]);

/* Registers; appends the signed receipt. The same SE for the same terminal again: the same bytes, *known true. A
 * refusal (409, 503) is in *refused, and the result is RESULT_REFUSED. */
result registrar_register(const registrar *r, const terminal_entry *entry, bytes report, buffer *receipt,
                          buffer *signature, bool *known, refusal *refused);

/* POST /terminals. */
void registrar_reply(const registrar *r, const http_request *request, http_reply *reply);

/* Whose work it is. Online evidence is not signed by the SE: certificate_hash and se_serial are "" then. */
typedef struct registrar_sender {
    const char *institution_code, *terminal_id, *certificate_hash, *se_serial;
} registrar_sender;

/* False: 403 not registered (register, and send again), 422 revoked, or another SE than it says; 503 the
 * store fails. */
bool registrar_permits(const registrar *r, const registrar_sender *sender, refusal *refused);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of enrolment that `enroll begin`, `enroll finish` and the self-test share. */
#pragma once

#include "core/terminal.h"

#include "p11/personalise.h"

#define ENROLL_KEY_COUNT 3
enum { ENROLL_INSTITUTION, ENROLL_TLS, ENROLL_STORE };
extern const token_key_order enroll_keys[ENROLL_KEY_COUNT];

#define ENROLL_CHAIN "institution CVC chain"
#define ENROLL_COUNTER "signature counter"

/* A blank SE begins: PIN, three keys, and a request for each that needs a certificate, in the folder options.output.
 * on: continues on an SE that was stopped in the middle; otherwise such an SE is refused (se-not-blank). */
outcome enroll_write_requests(terminal *t, bool on, char serial[TOKEN_SERIAL_SIZE]);
/* cards->se: the SE, logged in, before it has its certificates. The caller closes it. */
outcome enroll_open_begun(card_access *cards, command_context *ctx);
/* Imports the CA's answer, the folder options.arguments[0], into the SE; what the SE has already stays. */
outcome enroll_fill(card_access *cards, command_context *ctx);
/* Self-test, its report signed by the SE in the folder options.output, registration. */
outcome enroll_test_and_register(terminal *t);

/* Tries everything the terminal will rely on, each a line of the report with its result: keys against certificates,
 * certificates against the trust anchors and the configuration, the CVC chain against its root, the wrapped key of the
 * store, both services. The first failure decides the outcome; all are shown. checks: an array, one object a check. */
outcome enroll_self_test(terminal *t, json_t *checks);
/* The label of a check, for people; "": there is no such check. */
const char *enroll_check_label(const char *check);

/* Stores what registration will send: the report of a passed self-test, and the SE's signature. */
result enroll_keep_report(store_access *store, bytes text, bytes signature);
/* Sends it to platform and history service and keeps their receipts. Needs the open store. Tries the second one also
 * when the first one fails. */
outcome enroll_register(terminal *t);
/* Since when, for `status`: two lines. */
void enroll_show_registration(store_access *store, report *r);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Parts of enrolment that begin, finish and self-test share. */
#pragma once

#include "core/terminal.h"

#include "p11/personalise.h"

#define ENROLL_KEY_COUNT 3
enum { ENROLL_INSTITUTION, ENROLL_TLS, ENROLL_STORE };
extern const token_key_order enroll_keys[ENROLL_KEY_COUNT];

#define ENROLL_CHAIN "institution CVC chain"
#define ENROLL_COUNTER "signature counter"

/* A blank SE begins: PIN, three keys, and a request for each that needs a certificate, in the folder options.output. on:
 * one that was stopped in the middle goes on; else it is refused (se-not-blank). */
outcome enroll_write_requests(terminal *t, bool on, char serial[TOKEN_SERIAL_SIZE]);
/* cards->se: the SE, logged in, before it has its certificates. The caller closes it. */
outcome enroll_open_begun(card_access *cards, command_context *ctx);
/* Puts the CA's answer, the folder options.arguments[0], into the SE: what is there already stays. */
outcome enroll_fill(card_access *cards, command_context *ctx);
/* Self-test, its report signed by the SE in the folder options.output, registration. */
outcome enroll_test_and_register(terminal *t);

/* Tries everything the terminal will rely on, each a line of the report with its result: keys against certificates,
 * certificates against the trust anchors and the configuration, the CVC chain against its root, the wrapped key of the
 * store, both services. The first failure decides the outcome; all are shown. checks: an array, one object a check. */
outcome enroll_self_test(terminal *t, json_t *checks);
/* What a check of this name is called, for people; "": there is none. */
const char *enroll_check_label(const char *check);

/* What registration sends: the report of a self-test that was passed, and the SE's signature. */
result enroll_keep_report(store_access *store, bytes text, bytes signature);
/* Sends it to platform and history service and keeps their receipts. Needs the open store. One that is away or refuses
 * is no reason not to try the other. */
outcome enroll_register(terminal *t);
/* Since when, for `status`: two lines. */
void enroll_show_registration(store_access *store, report *r);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two who sign CMS messages, a CA and a person, and the verdict of a message that OpenSSL gives, too. */
#pragma once

#include "crypt/cms.h"
#include "crypt/cms_read.h"
#include "test_actor.h"

#define CMS_MESSAGE_MAX 65536

extern actor cms_authority, cms_person;
extern const bytes cms_example; /* what they sign */

/* For cmocka_run_group_tests. */
int cms_signers_make(void **state);
int cms_signers_free(void **state);

/* Stock OpenSSL: whether the message is good and has this content. Trust is not asked. */
bool cms_openssl_accepts(bytes der, bytes expected);

typedef result cms_verifier(bytes der, bytes detached, cms_message *out);

/* The verdict by this function of a message over cms_example; a good one of known signers must be good for stock
 * OpenSSL. RESULT_DENIED: the signer is somebody else. */
result cms_signers_verify(cms_verifier *by, bytes der, cms_problem *problem);

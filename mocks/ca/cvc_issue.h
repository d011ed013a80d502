/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-verifiable certificates: root -> intermediate -> holder (lib/iso7816/cvc.h). Key references are 7 ASCII digits,
 * 08 05, 3 ASCII digits and, in this mock, the first 4 bytes of the key's SHA-256. */
#pragma once

#include "office.h"
#include "iso7816/cvc.h"

#include <openssl/evp.h>

/* Root and intermediate: keys in ca/, anchors/cvc-root.cvc, ca/cvc-intermediate.cvc. */
result cvc_issue_create(office *o);

/* Writes folder/name: the chain intermediate, holder. */
result cvc_issue_chain(office *o, EVP_PKEY *key, const char *folder, const char *name);

/* The certificate of a key under another key's, both new: for the signer of the data on patients' cards. The root goes
 * to anchors/<name>-root.cvc, the other one to ca/<name>.cvc and ca/<name>.key. Digits: the 7 that begin
 * the references. */
result cvc_issue_pair(office *o, const char *name, const char *root_digits, const char *digits);

/* The certificate of a key with a reference under an issuer's key with another. */
result cvc_issue_under(EVP_PKEY *issuer, const uint8_t issuer_reference[CVC_REFERENCE_LENGTH], EVP_PKEY *key,
                       const uint8_t reference[CVC_REFERENCE_LENGTH], uint8_t out[CVC_LENGTH]);

/* A chain with the references of the genuine one (a chain file inside o's folder), but signed by the keys of the other
 * office: what a forger without the root's key can make at best. */
result cvc_issue_forged(office *o, office *forger, const char *genuine, EVP_PKEY *key, const char *folder,
                        const char *name);

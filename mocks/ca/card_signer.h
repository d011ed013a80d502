/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who signs the data on patients' cards: a key of its own with a card-verifiable certificate under a root of its own.
 * Made once per office, when first needed:
 *
 *   anchors/card-data-root.cvc   self-signed
 *   ca/card-data.key .cvc        the signer
 *
 * The issuer security domain has a chain of its own down to the same key:
 *
 *   anchors/issuer-domain-root.cvc   self-signed
 *   ca/issuer-domain.key .cvc        an intermediate, which certifies the signer's key
 */
#pragma once

#include "iso7816/cvc.h"
#include "office.h"

#include <openssl/evp.h>

typedef struct card_signer {
    EVP_PKEY *key;
    uint8_t certificate[CVC_LENGTH];
    uint8_t reference[CVC_REFERENCE_LENGTH]; /* CHR of the certificate */
    uint8_t domain_certificate[CVC_LENGTH];  /* of the intermediate */
    uint8_t domain_reference[CVC_REFERENCE_LENGTH];
    uint8_t below_domain[CVC_LENGTH]; /* the signer's, under the intermediate */
} card_signer;

/* Reads the key that signs card data and its chain of certificates, and makes them at first use. Close it. */
result card_signer_open(office *o, card_signer *signer);
void card_signer_close(card_signer *signer);

/* RSA PKCS#1 v1.5 with SHA-256. */
result card_signer_sign(const card_signer *signer, bytes data, uint8_t signature[256]);

/* SHA-256 digests, one behind the other, in one DigestInfo: as the card's face is signed. */
result card_signer_sign_digests(const card_signer *signer, bytes digests, uint8_t signature[256]);

/* Appends the object tag { value }, and behind its value an object signature_tag with the signature over value. */
result card_signer_put_signed(const card_signer *signer, uint32_t tag, bytes value, uint32_t signature_tag,
                              buffer *out);

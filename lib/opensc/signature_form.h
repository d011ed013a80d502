/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signature forms of our cards, for the part of PKCS #1 that the driver computes on the host. */
#pragma once

#include "base/buffer.h"
#include "opensc/mechanisms.h"

#include <stdint.h>

#define SIGNATURE_PREFIX 19
#define SIGNATURE_INPUT_MAX RSA_INPUT_MAX

/* One per hash function. */
typedef struct signature_form {
    unsigned long hash, mask_generation; /* OpenSC's flags (libopensc/opensc.h) */
    size_t length;                       /* of the hash value */
    uint8_t pss;                         /* the SE's algorithm */
    uint8_t prefix[SIGNATURE_PREFIX];    /* of the DigestInfo (RFC 8017 9.2 note 1) */
} signature_form;

/* Flags for OpenSC: PKCS #1 v1.5 with each hash, and with the host's DigestInfo; no other hash, because OpenSC reads
 * "none" as "all of OpenSSL's". pss: also that padding. */
unsigned long signature_flags(bool pss);
/* The form for OpenSC's current request; NULL: v1.5 with the host's DigestInfo, or an unsupported PSS. */
const signature_form *signature_form_of(unsigned long flags);
/* The card's input in v1.5: appends the prefix and the hash value, or (form NULL) the unchanged data.
 * SC_ERROR_WRONG_LENGTH (CKR_DATA_LEN_RANGE): not as long as the hash, or more than the padding permits. */
int signature_input(const signature_form *form, bytes data, buffer *input);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The forms in which our cards sign, for drivers that do the part of PKCS #1 which a card leaves to the host. */
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

/* What a driver tells OpenSC: PKCS #1 v1.5 with each hash, and with a DigestInfo from outside; no hash beyond, because
 * OpenSC takes "none" for "all that OpenSSL has". pss: the other padding as well. */
unsigned long signature_flags(bool pss);
/* The form for what OpenSC wants of the card now; NULL: v1.5 with a DigestInfo from outside, or PSS that the card does
 * not do. */
const signature_form *signature_form_of(unsigned long flags);
/* What the card pads in v1.5: appends the hash value behind its prefix, or (form NULL) the data as they are.
 * SC_ERROR_WRONG_LENGTH (CKR_DATA_LEN_RANGE): not as long as the hash, or more than the padding leaves room for. */
int signature_input(const signature_form *form, bytes data, buffer *input);

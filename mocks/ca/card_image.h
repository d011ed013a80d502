/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing card images (docs/interfaces/card-image.md). */
#pragma once

#include "office.h"

#include <openssl/x509.h>

#define CARD_ID_SIZE 17 /* 16 characters and NUL */

typedef struct card_image {
    const char *personality;      /* patient | operator | se */
    const char *atr;              /* hexadecimal */
    const char *atr_contactless;  /* NULL: none of its own */
    const char *switches;         /* NULL: none */
    const char *application_name; /* of the token information; NULL: none */
    char card_id[CARD_ID_SIZE];
    const char *auth_pin, *sign_pin; /* NULL: none */
    EVP_PKEY *auth_key, *sign_key;
    X509 *auth, *auth_ca, *sign, *sign_ca;
    const char *anchors; /* where cvc-root.cvc is; NULL: no trust anchor */
} card_image;

/* Prefix of two letters and 14 random digits. */
result card_image_new_id(const char *prefix, char card_id[CARD_ID_SIZE]);

/* folder must not exist. */
result card_image_write(const char *folder, const card_image *image);

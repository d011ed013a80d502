/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing one application of a card image beside JPKI: apps/<name>/<EF>, pin/<name>. */
#pragma once

#include "ca_card_data.h"
#include "card_signer.h"

typedef struct card_application {
    const card_data *data;
    const card_signer *signer;
    const char *card_id; /* 16 characters */
    const char *atr;     /* of the contact interface, hexadecimal */
    const char *photo;   /* a file, "none", or NULL: a drawing */
    bool old;            /* issued before the issuer security domain had its second certificate */
    char *folder;        /* apps/<name> in the image */
    char *pins;          /* pin in the image */
} card_application;

/* All of a patient's card. */
typedef struct card_applications_order {
    const person *who;
    const char *card_id, *atr;
    bool old;
    const char *photo; /* as in cards.h; NULL: a drawing */
} card_applications_order;
result card_applications_write(office *o, const card_applications_order *order, const char *image_folder);

/* 7 digits, 08 05, "001", zeros: the form of the card family's references to keys. */
void card_application_key_reference(const char *digits, uint8_t reference[CVC_REFERENCE_LENGTH]);

/* One file, mode 0600: some hold what opens by a PIN only. */
result card_application_put(const card_application *a, const char *name, bytes content);
result card_application_put_object(const card_application *a, const char *name, uint32_t tag, bytes value);
result card_application_put_pin(const card_application *a, const char *name, const char *value);
/* FF20 { DF21 { offset of each object from the start of the file, 16 bits each }, objects }. */
result card_application_put_with_offsets(const card_application *a, const char *name, bytes objects);
/* A new RSA-2048 key: <name>.pem; its public key, 90 03 e 91 820100 n, is appended to *public_key. */
result card_application_put_key(const card_application *a, const char *name, buffer *public_key);

/* One for each application: ca_input_support.c 券面事項入力補助, ca_card_face.c 券面事項確認, other_applications.c 共通, 住基,
 * issuer security domain. */
result input_support_write(const card_application *a);
result card_face_write(const card_application *a);
result common_application_write(const card_application *a);
result resident_write(const card_application *a);
result issuer_domain_write(const card_application *a);

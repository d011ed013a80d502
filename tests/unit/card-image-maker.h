/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes a card image (docs/interfaces/card-image.md) in a private folder for tests of the emulated patient card, and
 * certificates and signatures of an institution for it. Everything in here ends the test when it fails. */
#pragma once

#include "base/buffer.h"
#include "emulated_card.h"
#include "iso7816/institution_message.h"
#include "iso7816/status_word.h"

#include <openssl/evp.h>

#define MAKER_CARD_ID "TEST-CARD-000001"
#define MAKER_AUTH_PIN "1234"
#define MAKER_SIGN_PIN "ABC123"
#define MAKER_ROOT_REFERENCE                                                                                           \
    "9200001\x08\x05"                                                                                                  \
    "001\0\0\0\1"
#define MAKER_INTERMEDIATE_REFERENCE                                                                                   \
    "9200073\x08\x05"                                                                                                  \
    "001\0\0\0\2"
#define MAKER_HOLDER_REFERENCE                                                                                         \
    "9299774\x08\x05"                                                                                                  \
    "001\0\0\0\3"

typedef struct card_image_maker {
    char folder[64];
    EVP_PKEY *auth, *sign, *root, *intermediate, *holder;
    uint8_t auth_certificate[2048], sign_certificate[2048]; /* with the filler that the card adds */
    uint8_t intermediate_cvc[CVC_LENGTH], holder_cvc[CVC_LENGTH];
} card_image_maker;

/* personality: patient or operator. */
void card_image_make(card_image_maker *maker, const char *personality);
void card_image_remove(card_image_maker *maker);
/* Replaces one file of the image; NULL removes it. */
void card_image_put(const card_image_maker *maker, const char *name, const void *content, size_t length);
void card_image_put_key(const card_image_maker *maker, const char *name, EVP_PKEY *key);
/* The card as issued: no counters, no changed PIN. */
void card_image_forget(const card_image_maker *maker);

/* A CVC for key, signed by signer. References are 16 bytes. */
void make_cvc(EVP_PKEY *signer, const char *authority, const char *holder, EVP_PKEY *key, uint8_t out[CVC_LENGTH]);
/* RSA PKCS#1 v1.5 with SHA-256. */
void make_signature(EVP_PKEY *key, bytes message, uint8_t signature[256]);

/* One command to the card, in hexadecimal or built from parts (le 0: none). The answer's data stays in answer_data
 * until the next command. */
status_word exchange(card *c, const char *hexadecimal);
status_word exchange_data(card *c, uint32_t header, bytes data, uint32_t le);
status_word exchange_raw(card *c, bytes raw);
bytes answer_data(void);

/* One row of a script: a command, its status word, and the answer's data (or how it begins: "...", or
 * NULL: anything). */
typedef struct script_row {
    const char *command;
    status_word sw;
    const char *data;
} script_row;
void run_script(card *c, const script_row *rows, size_t count);
#define RUN_SCRIPT(c, rows) run_script(c, rows, sizeof(rows) / sizeof *(rows))

/* SELECT of the JPKI application and of an EF. */
void select_jpki(card *c);
void select_ef(card *c, uint16_t id);

/* Secure messaging of the card-data input support. Public knowledge gives its frame: 80 AE with a seed under RSA-OAEP,
 * AES-128-CBC, CLA 08, data objects 86 and 96, IVs from a counter. What is not public is this project's choice:
 *
 *   seed      32 bytes: 16 of the key for commands, 16 of the key for answers
 *   counter   0 at the start, one more for each command and for each answer that carries data
 *   IV        the counter, 16 bytes big endian, encrypted with the key that it serves
 *   padding   80 00... (ISO/IEC 7816-4 10.2.2, indicator 01)
 *
 * Tags 86 and 96 are even: nothing is authenticated (ISO/IEC 7816-4 10.2, table 47). It hides data from those who
 * listen; it does not keep them from changing it. */
#pragma once

#include "iso7816/apdu.h"

#include <openssl/evp.h>

#define SECURE_SEED_LENGTH 32
#define SECURE_KEY_LENGTH 16

typedef struct secure_messaging {
    bool open; /* all below is volatile */
    uint8_t command_key[SECURE_KEY_LENGTH], answer_key[SECURE_KEY_LENGTH];
    uint64_t counter;
} secure_messaging;

/* data: the seed A0 22 80 20 <seed> under RSA-OAEP (SHA-256, MGF1 with SHA-256, no label), 256 bytes. 6700, 6A80. */
status_word secure_messaging_begin(secure_messaging *s, EVP_PKEY *transport_key, bytes data);
void secure_messaging_end(secure_messaging *s);

/* A command's data { 86 01 cryptogram } { 96 Le } to what it protects: plain gets the data, which *command then
 * borrows. 6987 when neither object is there, 6988 when one is wrong; then the session is over. */
status_word secure_messaging_open_command(secure_messaging *s, apdu_command *command, buffer *plain);
/* Appends 86 01 cryptogram of the answer's data; nothing when there is none. */
status_word secure_messaging_close_answer(secure_messaging *s, bytes plain, buffer *answer);

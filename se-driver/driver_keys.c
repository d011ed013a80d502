/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* New keys: generated on the SE, or imported. */
#include "se.h"

#define INS_MANAGE_SECURITY_ENVIRONMENT 0x22
#define INS_GENERATE 0x46
#define INS_PUT_DATA 0xDB
#define SET_FOR_COMPUTATION 0x41
#define TEMPLATE_NEW_KEY 0x00
#define TAG_ALGORITHM 0x80
#define TAG_PRIVATE_KEY 0x84
#define ALGORITHM_NEW_RSA 0xF3
#define GENERATE_AND_ANSWER 0x42
#define PUBLIC_KEY_MAX 512 /* 7F49 {81 256 bytes, 82 up to 8} */

static int choose_place(sc_card_t *card, uint8_t place) {
    const uint8_t data[] = {TAG_ALGORITHM, 1, ALGORITHM_NEW_RSA, TAG_PRIVATE_KEY, 1, place};
    const se_command set = {
        .ins = INS_MANAGE_SECURITY_ENVIRONMENT, .p1 = SET_FOR_COMPUTATION, .p2 = TEMPLATE_NEW_KEY, .data = BYTES(data)};
    return se_send(card, &set);
}

int se_generate_key(sc_card_t *card, uint8_t place, buffer *public_key) {
    status_word sw;
    const se_command generate = {.ins = INS_GENERATE, .p1 = GENERATE_AND_ANSWER, .le = PUBLIC_KEY_MAX};
    int code = choose_place(card, place);
    if (code == SC_SUCCESS)
        code = se_transmit(card, &generate, public_key, &sw);
    return code == SC_SUCCESS ? sc_check_sw(card, sw >> 8, sw & 0xFF) : code;
}

int se_import_key(sc_card_t *card, uint8_t place, bytes private_key) {
    const se_command put = {.ins = INS_PUT_DATA, .p1 = 0x3F, .p2 = 0xFF, .data = private_key, .secret = true};
    int code = choose_place(card, place);
    return code == SC_SUCCESS ? se_send(card, &put) : code;
}

/* What uketsuke-se-init.so asks of uketsuke-se.so through sc_card_ctl. */
#pragma once

#include "base/buffer.h"

#define SE_CONTROL_GENERATE 0x55534501UL  /* data: se_key_request *; public_key is filled */
#define SE_CONTROL_IMPORT 0x55534502UL    /* data: se_key_request *; private_key is read */

typedef struct se_key_request {
    uint8_t place;      /* 0 to 15 */
    bytes private_key;  /* 7F48 {92 p, 93 q, 94 1/q mod p, 95 d mod p-1, 96 d mod q-1} */
    buffer *public_key; /* 7F49 {81 modulus, 82 exponent} is appended */
} se_key_request;

/* Places: which key may do what is the place's property, not the key's. */
#define SE_PLACES 16
#define SE_PLACE_DECIPHERING 2

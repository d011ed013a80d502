/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A personalised SE in a folder of its own, and the host's end of its channel: for tests that speak to the card without
 * a reader. One at a time. */
#pragma once

#include "emulated_card.h"
#include "iso7816/apdu.h"
#include "iso7816/status_word.h"
#include "scp03/scp03.h"

#define APPLICATION "F276A288BCFBA69D34F31001"
#define PIN "31323334353600000000000000000000"
#define WRONG_PIN "31323334353700000000000000000000"
#define PUK "30313233343536373839414243444546"
#define WRONG_PUK "30313233343536373839414243444547"
#define ISSUER 0x01
#define BINDING 0x30
#define FULL SCP03_FULL
#define FREE_FILE 0x4401 /* free to read */
#define PIN_FILE 0x4402  /* to be read with the PIN */

extern const card_personality *const se;
extern char folder[64]; /* the image */
extern card *inserted;
extern scp03 session;                            /* the host's */
extern scp03_keys issuer, fresh_issuer, binding; /* of the factory; after personalisation; of the terminal */
extern buffer answer;                            /* data of the last answer */
extern bytes last_sent;                          /* the last command as it travelled */

/* For cmocka: a fresh image, and its end. */
int bound_se_set_up(void **state);
int bound_se_tear_down(void **state);

void open_card(void);
/* The image is opened again: what was only in memory is gone. */
void power_cycle(void);
status_word send_raw(bytes command);
status_word send(const char *hex);
status_word select_application(void);
/* Gathers all of the answer by GET RESPONSE. */
status_word send_command(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le);

/* Three keys that differ, counted up from first. */
scp03_keys keys_of(uint8_t version, uint8_t first, size_t length);
/* SW_UNKNOWN: the card does not have these keys; EXTERNAL AUTHENTICATE was not sent. */
status_word open_channel_at(const scp03_keys *keys, uint8_t level, uint32_t *sequence);
status_word open_channel(const scp03_keys *keys);
/* In the channel; the answer is in clear afterwards. */
status_word wrapped_hex(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *hex, uint32_t le);
status_word put_keys(const scp03_keys *under, const scp03_keys *keys, uint8_t replaces);
status_word life_cycle(void);
status_word set_status(uint8_t p1, uint8_t p2);

/* Two files, PIN and PUK, a key in place 0, the binding, a new issuer's key, to work: as personalisation does it. */
void personalise(void);
/* A channel of the terminal, and the PIN in it. */
status_word activate(void);
status_word sign_wrapped(uint32_t le);

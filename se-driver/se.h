/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The OpenSC card driver "uketsuke-se": the Secure Element of docs/interfaces/secure-element.md. Files, keys and PIN
 * are described by the card's own ISO/IEC 7816-15 files, which OpenSC binds; this driver adds what the built-in
 * isoApplet driver lacks: PSS, tries left, logout, readers of any length, personalisation through PKCS #11. */
#pragma once

#include "base/buffer.h"
#include "channel_state.h"
#include "driver_control.h"
#include "iso7816/se_state.h"
#include "iso7816/status_word.h"
#include "opensc/signature_form.h"
#include "scp03/scp03.h"

#include <libopensc/cardctl.h>
#include <libopensc/log.h>
#include <libopensc/opensc.h>

#define SE_SHORT_DATA_MAX 255
#define SE_SHORT_ANSWER_MAX 256
#define SE_DATA_MAX 4096 /* of a whole command or answer, in any form (docs/interfaces/secure-element.md) */
#define SE_PIN_REFERENCE 1
#define SE_PUK_REFERENCE 2
#define SE_PIN_TRIES 5
#define SE_PIN_ROOM 16 /* PIN and PUK travel as 16 bytes, filled up with 00 */
#define SE_SERIAL_LENGTH 16
#define SE_INS_GET_DATA 0xCA

/* The next compute_signature or decipher. */
typedef struct se_operation {
    bool chosen, signs, pss;
    const signature_form *form; /* NULL: PKCS #1 v1.5 without a hash function */
    uint8_t key;                /* its place */
} se_operation;

/* The secure channel to it (driver_channel.h). */
typedef struct se_channel {
    bool wanted; /* there are keys: nothing goes in clear */
    bool open;
    int problem; /* why it is not open: OpenSC's error */
    /* what the SE's last answer to INITIALIZE UPDATE meant; SE_STATE_USABLE: nothing against it */
    se_state_condition refusal;
    scp03_keys keys;
    scp03 session;
    channel_state memory;
    /* the command under way */
    sc_apdu_t apdu;
    buffer data, answer;
} se_channel;

/* One SE in use by this process; sc_card's drv_data. */
typedef struct se {
    se_operation operation; /* chosen by set_security_env */
    sc_path_t selected;     /* selected by the last SELECT in the channel; length 0: not known */
    sc_path_t fresh;        /* of the last created file, until an object refers to it; length 0: none */
    bool is_bound;          /* bound to a terminal, without a key here: PINs and keys cannot be used */
    bool out_of_service;    /* cannot be used here: its token shows only the state */
    uint32_t resets;        /* of the SE, seen by this process */
    uint32_t disturbances;  /* channels of this process that another program's command has ended */
    bool beginning;         /* C_InitToken is writing the SE's files */
    bool unfinished;        /* an earlier C_InitToken has not written all of them (se_hides) */
    bool logged_in;         /* this process may have opened something by a PIN since the last reset or logout */
    uint32_t connection;    /* random: a new one each time the SE is inserted */
    bool state_selected;    /* the next READ returns the state */
    uint8_t state[SE_STATE_LENGTH];
    se_channel channel;
    struct sc_pkcs15_card *p15card; /* OpenSC's objects of this card; NULL before they exist, and after */
} se;

static inline se *se_of(const sc_card_t *card) {
    return (se *)card->drv_data;
}

/* driver_card.c */
struct sc_card_driver *se_driver(void);

/* driver_channel.c. One line on standard error and in OpenSC's log, because PKCS #11 returns no messages. */
void se_tell(sc_card_t *card, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* driver_transmit.c. */
/* OpenSC's ISO 7816 driver, for operations that this driver does not implement. */
const struct sc_card_operations *se_iso(void);
/* The answer is appended; *sw is 6F00 when nothing came. */
int se_transmit(sc_card_t *card, const se_command *command, buffer *answer, status_word *sw);
/* The same for commands without an answer; maps the status word. */
int se_send(sc_card_t *card, const se_command *command);
/* GET RESPONSE: a command outside the channel that fetches a wrapped answer. */
int se_get_response(sc_card_t *card, size_t *count, u8 *data);
int se_select_application(sc_card_t *card);
/* GET DATA 0104: whether the SE is operational, and so bound to its terminal. */
int se_read_life_cycle(sc_card_t *card, bool *at_work);
/* The 16 digits (GET DATA 0102). */
int se_read_serial(sc_card_t *card, char serial[SE_SERIAL_LENGTH + 1]);

/* driver_pkcs15.c: the next reading of counter and state goes to the SE. */
void se_forget_values(sc_card_t *card);

/* driver_files.c */
int se_create_file(sc_card_t *card, sc_file_t *file);
/* On failure it deletes the file that this change of the SE has created: OpenSC would leave it incomplete and without
 * an object. */
int se_update_binary(sc_card_t *card, unsigned offset, const u8 *data, size_t length, unsigned long flags);

/* driver_pin.c */
int se_pin_command(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left);
int se_logout(sc_card_t *card);
/* Whether the PIN or PUK with this reference has a value. */
int se_pin_is_set(sc_card_t *card, uint8_t reference, bool *set);
/* Whether it may be a PUK at all. */
int se_check_puk(bytes puk);
int se_verify_puk(sc_card_t *card, bytes puk);

/* driver_sign.c */
unsigned long se_algorithm_flags(void);
int se_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number);
int se_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room);
int se_decipher(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room);

/* driver_keys.c */
int se_generate_key(sc_card_t *card, uint8_t place, buffer *public_key);
int se_import_key(sc_card_t *card, uint8_t place, bytes private_key);

/* driver_token.c */
int se_card_control(sc_card_t *card, unsigned long command, void *data);
/* Whether OpenSC must not find this file: it is one of an SE whose files were never finished. */
bool se_hides(sc_card_t *card, const sc_path_t *path);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The OpenSC card driver "myna": patients' My Number cards and operators' cards, both with the JPKI application.
 * Bytes and status words: docs/interfaces/institution-authentication.md and the publicly known commands of the card.
 * One struct per card in card->drv_data; every function here is called with OpenSC's card lock held (sc_lock) unless
 * said otherwise, and returns an SC_ERROR code (0 is success). */
#pragma once

#include "base/buffer.h"
#include "iso7816/institution_message.h"
#include "iso7816/status_word.h"
#include "opensc/opensc_command.h"
#include "opensc/signature_form.h"

#include <libopensc/opensc.h>
#include <stdatomic.h>

/* An application of the card in the upper half, an elementary file of it in the lower. */
typedef uint32_t myna_file;

typedef enum myna_application {
    APPLICATION_JPKI,      /* D392F000260100000001 */
    APPLICATION_CARD_DATA, /* D3921000310001010408, card-data input support; its file 0001 is never touched here */
    APPLICATION_NONE
} myna_application;

#define IN_CARD_DATA(id) ((myna_file)APPLICATION_CARD_DATA << 16 | (id))

#define EF_SIGN_CERTIFICATE 0x0001
#define EF_SIGN_CA 0x0002
#define EF_TOKEN_INFORMATION 0x0006
#define EF_AUTH_CERTIFICATE 0x000A
#define EF_AUTH_CA 0x000B
#define EF_TRUST_ANCHOR 0x0016
#define EF_AUTH_KEY 0x0017
#define EF_AUTH_PIN 0x0018
#define EF_SIGN_KEY 0x001A
#define EF_SIGN_PIN 0x001B
#define EF_BASIC_ITEMS IN_CARD_DATA(0x0002)
#define EF_CARD_DATA_PIN IN_CARD_DATA(0x0011)
#define EF_CARD_DATA_NUMBER_B IN_CARD_DATA(0x0015) /* verification number B, printed on the card in parts */
#define EF_NONE 0x0000

/* What a login opens. The number is OpenSC's reference of PIN and key. */
typedef enum myna_right { RIGHT_AUTH = 1, RIGHT_SIGN, RIGHT_INSTITUTION, RIGHT_CARD_DATA, RIGHT_END } myna_right;

typedef struct myna_right_rule {
    myna_file pin_file, key_file; /* EF_NONE: no key */
    int shortest, longest, tries; /* of the PIN; tries 0: no counter */
} myna_right_rule;

/* NULL for an unknown reference. */
const myna_right_rule *myna_rule(int right);

typedef enum myna_kind { KIND_PATIENT, KIND_OPERATOR } myna_kind;

typedef struct myna_certificate {
    myna_file file;
    buffer content; /* a whole DER certificate without the card's filler; empty until read */
} myna_certificate;

/* The card is kept from other processes while something is open at it (myna_hold.c). */
typedef struct myna_hold {
    int seconds;      /* an unused right ends after that many; 0: the card is not held */
    bool always;      /* also when the stock module is in the same process */
    atomic_bool held; /* one of OpenSC's locks of this card is ours */
    int64_t used;     /* when the right was opened or used last, in ms */
    atomic_bool over; /* the time limit has ended the right, not reported yet */
    sc_card_t *next;  /* of the held cards */
} myna_hold;

#define MYNA_CERTIFICATES 4
#define MYNA_ITEMS 4

typedef struct myna {
    myna_kind kind;
    char card_id[INSTITUTION_CARD_ID_LENGTH + 1]; /* "" when the card has none: no institution token then */
    bool extended;                                /* reader and protocol carry extended length */
    bool short_ids;                               /* the card takes short EF identifiers in READ BINARY and VERIFY */
    bool observed_import;                         /* option institution_import */
    const char *trust_anchors;                    /* option of that name, OpenSC's; NULL: none */

    /* The card's state as far as known. Cleared at reset, at logout and when another application was selected. */
    myna_application application; /* that we selected last; APPLICATION_NONE after a reset */
    bool application_sure;        /* it is still selected: true only within the lock in which that was seen */
    myna_file current_file;       /* likewise */
    bool open[RIGHT_END];
    bool sign_once;                           /* one use of the signature key is open (CKA_ALWAYS_AUTHENTICATE) */
    bool challenge;                           /* outstanding */
    bool certificates;                        /* of an institution are held by the card */
    buffer basic_items;                       /* EF_BASIC_ITEMS, while RIGHT_CARD_DATA is open */
    struct sc_pkcs15_der *copies[MYNA_ITEMS]; /* of single items, in OpenSC's objects; NULL: no objects yet */

    /* A command was sent that may have opened a right, also when the answer was lost: must be ended. */
    bool unclean;

    myna_hold hold;

    bool gone; /* this card was removed: the next one gets its own struct */

    int card_data_tries;        /* from the last VERIFY; -1: unknown; never queried only to know it */
    int key;                    /* right chosen by set_security_env */
    const signature_form *form; /* likewise; NULL: the DigestInfo comes from outside */
    bytes selected;             /* by select_file, for read_binary */
    myna_certificate kept[MYNA_CERTIFICATES];
} myna;

static inline myna *myna_of(sc_card_t *card) {
    return card->drv_data;
}

/* --- myna_apdu.c -------------------------------------------------------------------------------------------------- */

typedef opensc_command myna_command;

/* One exchange, with extended length or command chaining where it does not fit. answer (may be NULL when le is 0) gets
 * at most le bytes appended. *sw is valid only when the result is SC_SUCCESS: the card answered. SC_ERROR_CARD_REMOVED,
 * SC_ERROR_NOT_SUPPORTED when the reader can carry neither. */
int myna_transmit(sc_card_t *card, const myna_command *command, buffer *answer, status_word *sw);

/* --- myna_application.c ------------------------------------------------------------------------------------------- */

/* Selecting an application, also the selected one, ends every right at the card. */
int myna_select_application(sc_card_t *card, myna_application application);
/* Selects it unless it was the last one selected. */
int myna_enter(sc_card_t *card, myna_application application);
/* After this the application is surely selected, not another one that has files of the same identifiers. */
int myna_make_sure(sc_card_t *card, myna_application application);
/* Makes the file current. When another process has moved the card away, selects the application again first; then
 * nothing is open any more. */
int myna_select_file(sc_card_t *card, myna_file file);
/* Nothing is open, nothing is outstanding. */
void myna_forget(myna *m);
/* The status word means that our application or file is not the current one any more. */
bool myna_is_elsewhere(status_word sw);
/* The error for a status word that the caller does not handle. */
int myna_error(status_word sw);
/* Selects the application again to end every right, when the card may have any. Takes the lock itself. */
int myna_close_rights(sc_card_t *card);
/* The card has lost a right that was recorded as open: all rights are closed. */
void myna_lose(sc_card_t *card);
/* SELECT of the JPKI application at the reader itself, past OpenSC's locks: under the card's mutex, while no other
 * thread uses the card. */
int myna_select_outside(sc_card_t *card);

/* --- myna_hold.c -------------------------------------------------------------------------------------------------- */

/* Before every command that may open a right: from here on the card is this process's alone. Nothing may be sent when
 * it fails. */
int myna_keep(sc_card_t *card);
/* The right is used: its time limit starts again. */
void myna_use(sc_card_t *card);
/* No right is open any more: releases the card. */
void myna_let_go(sc_card_t *card);
/* Likewise, after a command that has opened nothing, unless something else is open. */
void myna_let_go_of_nothing(sc_card_t *card);
/* Ends rights that were unused for too long. Takes the lock itself. */
void myna_end_old_right(sc_card_t *card);
/* The card is removed. */
void myna_hold_end(sc_card_t *card);

/* --- myna_read.c -------------------------------------------------------------------------------------------------- */

/* At most most bytes from offset on; uses the file's short identifier where possible. */
int myna_read(sc_card_t *card, myna_file file, size_t offset, size_t max, buffer *content, status_word *sw);
/* The data object that the file begins with, whole and without the filler behind it, in as few commands as the reader
 * allows. SC_ERROR_FILE_NOT_FOUND when there is none with this tag. */
int myna_read_object(sc_card_t *card, myna_file file, uint32_t tag, buffer *content);

/* --- myna_token_information.c ------------------------------------------------------------------------------------- */

/* Kind and card id. Right after myna_select_application. */
int myna_read_token_information(sc_card_t *card);

/* --- myna_certificate.c ------------------------------------------------------------------------------------------- */

/* The certificate in that file, read at most once per card. A CA's is not read when the card's own certificate is known
 * already and one of the configured anchors has signed it: then it is that anchor. SC_ERROR_FILE_NOT_FOUND when it is
 * no certificate file of ours or the card has none; SC_ERROR_SECURITY_STATUS_NOT_SATISFIED. Borrowed until the card
 * leaves. */
int myna_read_certificate(sc_card_t *card, myna_file file, bytes *certificate);
void myna_certificates_start(myna *m);
void myna_certificates_wipe(myna *m);

#define MYNA_SERIAL_SIZE (INSTITUTION_CARD_ID_LENGTH + 1)
/* Identifies this card: its card id; else the last 16 hexadecimal digits of the serial number of its authentication
 * certificate; else nothing. */
void myna_serial(sc_card_t *card, char text[MYNA_SERIAL_SIZE]);

/* --- myna_card_data.c --------------------------------------------------------------------------------------------- */

/* One of the four basic items by its tag, DF22 name, DF23 address, DF24 birth date, DF25 sex: also the identifier under
 * which PKCS#15 reads it. Borrowed until the right ends. SC_ERROR_SECURITY_STATUS_NOT_SATISFIED. */
int myna_basic_item(sc_card_t *card, uint16_t tag, bytes *value);
#define MYNA_ITEM_FIRST 0xDF22
#define MYNA_ITEM_LAST 0xDF25

/* myna_pin.c, myna_sign.c: card
 * operations ------------------------------------------------------------------------------------ */

/* Another token of this card is logged in. OpenSC maps it to CKR_FUNCTION_CANCELED, and pkcs11-jpki.so to
 * CKR_USER_ANOTHER_ALREADY_LOGGED_IN. */
#define MYNA_ERROR_ANOTHER_LOGGED_IN SC_ERROR_KEYPAD_CANCELLED

/* Operations of struct sc_card_operations (libopensc/opensc.h): PIN, choice of the key, signature. */
int myna_pin_command(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left);
int myna_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number);
int myna_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room);

/* --- myna_institution.c ------------------------------------------------------------------------------------------- */

/* GET CHALLENGE, whole: a second one would invalidate the first (docs/interfaces/institution-authentication.md). */
int myna_get_challenge(sc_card_t *card, u8 *random, size_t length);
/* EXTERNAL AUTHENTICATE; refused without an APDU when no challenge is outstanding. */
int myna_authenticate_institution(sc_card_t *card, bytes signature);
/* The chain as in a *.cvc file. SC_ERROR_INVALID_DATA when it is malformed or the card refuses it. */
int myna_import_chain(sc_card_t *card, bytes chain);

/* --- myna_options.c ----------------------------------------------------------------------------------------------- */

/* Reads "card_driver myna { ... }" of opensc.conf into the card's driver data. */
void myna_read_options(sc_card_t *card);

/* --- myna_card.c -------------------------------------------------------------------------------------------------- */

#define MYNA_NAME "myna"

/* The driver as OpenSC loads it; lives as long as the module. */
sc_card_driver_t *myna_driver(void);

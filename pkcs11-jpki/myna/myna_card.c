/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The operations that OpenSC calls. All others are those of ISO 7816-4 or not supported. */
#include "myna.h"

#include "myna_control.h"
#include "opensc/opensc_version.h"
#include "opensc/rights.h"

#include <libopensc/cardctl.h>
#include <stdlib.h>
#include <string.h>

/* Exported by libopensc, but declared only in its internal.h, which needs OpenSC's own config.h. */
extern int _sc_card_add_rsa_alg(sc_card_t *card, unsigned int key_length, unsigned long flags, unsigned long exponent);

#define CARD_TYPE 27800 /* none of OpenSC's: its built-in emulators decide by this number */
#define SHORT_DATA_MAX 255
#define SHORT_ANSWER_MAX 256
#define BASIC_ITEMS_MAX 4096

static int myna_match(sc_card_t *card);
static int myna_init(sc_card_t *card);
static int myna_finish(sc_card_t *card);

static void free_state(sc_card_t *card) {
    myna *m = myna_of(card);
    card->drv_data = NULL;
    if (m == NULL)
        return;
    rights_forget(card);
    myna_certificates_wipe(m);
    buffer_wipe(&m->basic_items);
    free(m);
}

/* By application, not by ATR: contactless readers synthesise the ATR. One command for a card that is not ours. The
 * token information is read in the same lock, while our application is surely selected. */
static int myna_match(sc_card_t *card) {
    myna *m = calloc(1, sizeof *m);
    if (m == NULL)
        return 0;
    myna_certificates_start(m);
    m->basic_items = (buffer)BUFFER_INIT(BASIC_ITEMS_MAX);
    m->card_data_tries = -1;
    card->drv_data = m;
    int code = sc_lock(card);
    if (code == SC_SUCCESS) {
        code = myna_select_application(card, APPLICATION_JPKI);
        if (code == SC_SUCCESS)
            code = myna_read_token_information(card);
        sc_unlock(card);
    }
    if (code != SC_SUCCESS)
        free_state(card);
    return code == SC_SUCCESS;
}

static void find_lengths(sc_card_t *card) {
    myna *m = myna_of(card);
    m->extended = card->reader->max_send_size > SHORT_DATA_MAX && card->reader->max_recv_size > SHORT_ANSWER_MAX &&
                  card->reader->active_protocol != SC_PROTO_T0;
    card->max_send_size = SHORT_DATA_MAX; /* of one part of a chained command; myna_apdu.c decides on extended length */
    card->max_recv_size = m->extended ? card->reader->max_recv_size : SHORT_ANSWER_MAX;
    if (m->extended)
        card->caps |= SC_CARD_CAP_APDU_EXT;
}

static int myna_init(sc_card_t *card) {
    myna *m = myna_of(card);
    if (m == NULL)
        return SC_ERROR_INVALID_CARD;
    card->name = m->kind == KIND_OPERATOR ? "Operator card" : "My Number card";
    card->type = CARD_TYPE;
    card->cla = 0x00;
    card->app_count = 0; /* the card has no EF.DIR */
    card->max_pin_len = INSTITUTION_SIGNATURE_LENGTH;
    find_lengths(card);
    myna_read_options(card);
    int code = rights_watch(card, myna_close_rights);
    if (code != SC_SUCCESS)
        return code;
    return _sc_card_add_rsa_alg(card, RSA_KEY_BITS, signature_flags(false), RSA_EXPONENT);
}

/* The card keeps its rights when a process ends, so end them. Not in the child of a fork, where the card belongs to the
 * parent. */
static int myna_finish(sc_card_t *card) {
    if (myna_of(card) != NULL && !(card->ctx->flags & SC_CTX_FLAG_TERMINATE)) {
        myna_close_rights(card);
        myna_hold_end(card);
    }
    free_state(card);
    return SC_SUCCESS;
}

/* Between two locks another process may have selected anything. After a reset nothing is open any more. */
static int myna_lock_obtained(sc_card_t *card, int was_reset) {
    myna *m = myna_of(card);
    if (m == NULL)
        return SC_SUCCESS;
    m->application_sure = false;
    m->current_file = EF_NONE;
    if (m->hold.over)
        myna_forget(m);
    if (was_reset) {
        myna_forget(m);
        m->application = APPLICATION_NONE;
        m->unclean = false;
    }
    return SC_SUCCESS;
}

static int describe(uint16_t id, size_t size, sc_file_t **out) {
    if (out == NULL)
        return SC_SUCCESS;
    *out = sc_file_new();
    if (*out == NULL)
        return SC_ERROR_OUT_OF_MEMORY;
    (*out)->type = SC_FILE_TYPE_WORKING_EF;
    (*out)->ef_structure = SC_FILE_EF_TRANSPARENT;
    (*out)->id = id;
    (*out)->size = size;
    return SC_SUCCESS;
}

/* OpenSC asks for many files; the driver has the certificates, cached once read, and the basic items by their tags. */
static int myna_select(sc_card_t *card, const sc_path_t *path, sc_file_t **out) {
    myna *m = myna_of(card);
    bytes content = {0};
    m->selected = (bytes){0};
    if (path->len != 2 || (path->type != SC_PATH_TYPE_FILE_ID && path->type != SC_PATH_TYPE_PATH))
        return SC_ERROR_FILE_NOT_FOUND;
    int code = sc_lock(card);
    if (code != SC_SUCCESS)
        return code;
    uint16_t id = (uint16_t)(path->value[0] << 8 | path->value[1]);
    code = id >= MYNA_ITEM_FIRST && id <= MYNA_ITEM_LAST ? myna_basic_item(card, id, &content)
                                                         : myna_read_certificate(card, id, &content);
    sc_unlock(card);
    if (code != SC_SUCCESS)
        return code;
    m->selected = content;
    return describe(id, content.length, out);
}

static int myna_read_binary(sc_card_t *card, unsigned int offset, u8 *out, size_t count, opensc_read_flags flags) {
    const myna *m = myna_of(card);
    (void)flags;
    if (m->selected.data == NULL)
        return SC_ERROR_NOT_ALLOWED;
    bytes part = bytes_slice(m->selected, offset, count);
    if (part.length > 0)
        memcpy(out, part.data, part.length);
    return (int)part.length;
}

static int myna_control(sc_card_t *card, unsigned long request, void *data) {
    if (request == SC_CARDCTL_GET_SERIALNR && data != NULL) {
        sc_serial_number_t *serial = data;
        char text[MYNA_SERIAL_SIZE];
        myna_serial(card, text);
        serial->len = strlen(text);
        memcpy(serial->value, text, serial->len);
        return SC_SUCCESS;
    }
    if (request != MYNA_CONTROL_IMPORT_CHAIN || data == NULL)
        return SC_ERROR_NOT_SUPPORTED;
    int code = sc_lock(card);
    if (code != SC_SUCCESS)
        return code;
    code = myna_import_chain(card, *(const bytes *)data);
    sc_unlock(card);
    return code;
}

sc_card_driver_t *myna_driver(void) {
    static struct sc_card_operations operations;
    static sc_card_driver_t driver = {
        "My Number card and operator card (Uketsuke)", MYNA_NAME, &operations, NULL, 0, NULL};
    operations = *sc_get_iso7816_driver()->ops;
    operations.match_card = myna_match;
    operations.init = myna_init;
    operations.finish = myna_finish;
    operations.card_reader_lock_obtained = myna_lock_obtained;
    operations.select_file = myna_select;
    operations.read_binary = myna_read_binary;
    operations.write_binary = NULL;
    operations.update_binary = NULL;
    operations.erase_binary = NULL;
    operations.create_file = NULL;
    operations.delete_file = NULL;
    operations.get_challenge = myna_get_challenge;
    operations.logout = myna_close_rights;
    operations.set_security_env = myna_set_security_env;
    operations.restore_security_env = NULL;
    operations.decipher = NULL;
    operations.compute_signature = myna_compute_signature;
    operations.card_ctl = myna_control;
    operations.pin_cmd = myna_pin_command;
    return &driver;
}

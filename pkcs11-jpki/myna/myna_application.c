/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which application and file is current at the card, and what that means for the rights it holds. */
#include "myna.h"

#include "base/secret.h"

#include <libopensc/pkcs15.h>
#include <stdlib.h>
#include <string.h>

#define INS_SELECT 0xA4
#define BY_FILE_ID 0x02
#define BY_APPLICATION_ID 0x04
#define NO_FCI 0x0C

/* marker: a file that no other application of the card has. */
static const struct {
    uint8_t id[10];
    myna_file marker;
} applications[] = {
    [APPLICATION_JPKI] = {{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}, EF_SIGN_PIN},
    [APPLICATION_CARD_DATA] = {{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08}, EF_CARD_DATA_NUMBER_B},
};

/* OpenSC caches the value of a data object, and would still return it after the logout. */
static void wipe_copies(myna *m) {
    for (size_t i = 0; i < MYNA_ITEMS; i++) {
        struct sc_pkcs15_der *copy = m->copies[i];
        if (copy == NULL || copy->value == NULL)
            continue;
        secret_wipe(copy->value, copy->len);
        free(copy->value);
        *copy = (struct sc_pkcs15_der){0};
    }
}

void myna_forget(myna *m) {
    memset(m->open, 0, sizeof m->open);
    m->sign_once = m->challenge = m->certificates = false;
    m->application_sure = false;
    m->current_file = EF_NONE;
    if (m->basic_items.length > 0)
        m->selected = (bytes){0};
    buffer_wipe(&m->basic_items);
    wipe_copies(m);
}

bool myna_is_elsewhere(status_word sw) {
    return sw == SW_NOT_FOUND || sw == SW_INS_UNSUPPORTED || sw == SW_NO_CURRENT_EF || sw == SW_CLA_UNSUPPORTED ||
           sw == SW_WRONG_FILE_TYPE;
}

int myna_error(status_word sw) {
    static const struct {
        status_word sw;
        int error;
    } errors[] = {
        {SW_OK, SC_SUCCESS},
        {SW_NOT_FOUND, SC_ERROR_FILE_NOT_FOUND},
        {SW_SECURITY_STATUS, SC_ERROR_SECURITY_STATUS_NOT_SATISFIED},
        {SW_AUTHENTICATION_BLOCKED, SC_ERROR_AUTH_METHOD_BLOCKED},
        {SW_DATA_INVALIDATED, SC_ERROR_AUTH_METHOD_BLOCKED}, /* a locked key, JIS X 6319-3 */
        {SW_WRONG_LENGTH, SC_ERROR_WRONG_LENGTH},
        {SW_WRONG_DATA, SC_ERROR_INVALID_DATA},
        {SW_MEMORY_FAILURE, SC_ERROR_MEMORY_FAILURE},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].sw == sw)
            return errors[i].error;
    return SC_ERROR_CARD_CMD_FAILED;
}

int myna_select_application(sc_card_t *card, myna_application application) {
    status_word sw;
    myna *m = myna_of(card);
    const myna_command select = {
        .ins = INS_SELECT, .p1 = BY_APPLICATION_ID, .p2 = NO_FCI, .data = BYTES(applications[application].id)};
    myna_forget(m);
    int code = myna_transmit(card, &select, NULL, &sw);
    if (code != SC_SUCCESS)
        return code;
    if (sw == SW_OK) {
        m->application = application;
        m->application_sure = true;
        m->unclean = false;
        myna_let_go(card);
    }
    return myna_error(sw);
}

int myna_select_outside(sc_card_t *card) {
    const myna_command select = {
        .ins = INS_SELECT, .p1 = BY_APPLICATION_ID, .p2 = NO_FCI, .data = BYTES(applications[APPLICATION_JPKI].id)};
    sc_apdu_t apdu;
    opensc_command_fill(card, &select, opensc_command_short_form(&select), &apdu);
    int code = card->reader->ops->transmit(card->reader, &apdu);
    return code == SC_SUCCESS ? myna_error((status_word)(apdu.sw1 << 8 | apdu.sw2)) : code;
}

int myna_enter(sc_card_t *card, myna_application application) {
    return myna_of(card)->application == application ? SC_SUCCESS : myna_select_application(card, application);
}

static int try_select(sc_card_t *card, myna_file file, status_word *sw) {
    const uint8_t id[] = {(uint8_t)(file >> 8), (uint8_t)file};
    const myna_command select = {.ins = INS_SELECT, .p1 = BY_FILE_ID, .p2 = NO_FCI, .data = BYTES(id)};
    myna *m = myna_of(card);
    m->current_file = EF_NONE;
    int code = myna_transmit(card, &select, NULL, sw);
    if (code == SC_SUCCESS && *sw == SW_OK)
        m->current_file = file;
    return code;
}

int myna_select_file(sc_card_t *card, myna_file file) {
    myna *m = myna_of(card);
    myna_application application = file >> 16;
    status_word sw;
    if (m->current_file == file)
        return SC_SUCCESS;
    int code = myna_enter(card, application);
    if (code == SC_SUCCESS)
        code = try_select(card, file, &sw);
    if (code != SC_SUCCESS || sw == SW_OK)
        return code;
    if (m->application_sure || !myna_is_elsewhere(sw))
        return myna_error(sw);
    code = myna_select_application(card, application);
    if (code == SC_SUCCESS)
        code = try_select(card, file, &sw);
    return code == SC_SUCCESS ? myna_error(sw) : code;
}

int myna_make_sure(sc_card_t *card, myna_application application) {
    int code = myna_enter(card, application);
    if (code != SC_SUCCESS || myna_of(card)->application_sure)
        return code;
    code = myna_select_file(card, applications[application].marker);
    myna_of(card)->application_sure = code == SC_SUCCESS;
    return code;
}

/* A held card that refuses the SELECT is reset, so that no other process can use the right. */
int myna_close_rights(sc_card_t *card) {
    myna *m = myna_of(card);
    m->hold.over = false;
    if (!m->unclean && !m->hold.held) {
        myna_forget(m);
        return SC_SUCCESS;
    }
    int code = sc_lock(card);
    myna_forget(m);
    if (code != SC_SUCCESS)
        return code;
    code = m->unclean ? myna_select_application(card, APPLICATION_JPKI) : SC_SUCCESS;
    if (code != SC_SUCCESS && m->hold.held && sc_reset(card, 0) == SC_SUCCESS) {
        m->application = APPLICATION_NONE;
        m->unclean = false;
        code = SC_SUCCESS;
    }
    myna_let_go(card);
    sc_unlock(card);
    return code;
}

void myna_lose(sc_card_t *card) {
    if (myna_of(card)->hold.held)
        myna_close_rights(card);
    else
        myna_forget(myna_of(card));
}

/* Which application and file is current at the card, and what that means for the rights it holds. */
#include "myna.h"

#include <string.h>

#define INS_SELECT 0xA4
#define BY_FILE_ID 0x02
#define BY_APPLICATION_ID 0x04
#define NO_FCI 0x0C

#define NAME_LENGTH 32 /* application name, padded with blanks, then the card id */

static const uint8_t jpki_application[] = {0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

/* Real token names vary with the carrier (JPKIAPICCTOKEN2, JPKIAPICCTOKEN, ...): all of them are patients' cards. */
static const char operator_token[NAME_LENGTH + 1] = "UKETSUKEOPTOKEN                 ";

void myna_forget(myna *m) {
    memset(m->open, 0, sizeof m->open);
    m->sign_once = m->challenge = m->certificates = false;
    m->application_sure = false;
    m->current_file = EF_NONE;
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

/* Selecting an application clears the card's security status, also when it is the same one. */
int myna_select_application(sc_card_t *card) {
    status_word sw;
    const myna_command select = {0x00, INS_SELECT, BY_APPLICATION_ID, NO_FCI, BYTES(jpki_application), 0, false};
    myna_forget(myna_of(card));
    int code = myna_transmit(card, &select, NULL, &sw);
    if (code != SC_SUCCESS)
        return code;
    if (sw == SW_OK) {
        myna_of(card)->application_sure = true;
        myna_of(card)->unclean = false;
    }
    return myna_error(sw);
}

static int try_select(sc_card_t *card, uint16_t id, status_word *sw) {
    const uint8_t name[] = {(uint8_t)(id >> 8), (uint8_t)id};
    const myna_command select = {0x00, INS_SELECT, BY_FILE_ID, NO_FCI, BYTES(name), 0, false};
    myna *m = myna_of(card);
    m->current_file = EF_NONE;
    int code = myna_transmit(card, &select, NULL, sw);
    if (code == SC_SUCCESS && *sw == SW_OK)
        m->current_file = id;
    return code;
}

int myna_select_file(sc_card_t *card, uint16_t id) {
    myna *m = myna_of(card);
    status_word sw;
    if (m->current_file == id)
        return SC_SUCCESS;
    int code = try_select(card, id, &sw);
    if (code != SC_SUCCESS || sw == SW_OK)
        return code;
    if (m->application_sure || !myna_is_elsewhere(sw))
        return myna_error(sw);
    code = myna_select_application(card);
    if (code == SC_SUCCESS)
        code = try_select(card, id, &sw);
    return code == SC_SUCCESS ? myna_error(sw) : code;
}

/* ISO/IEC 646 without controls, not all blanks: a real card's content here is not public, and may be anything. */
static bool is_card_id(bytes id) {
    bool seen = false;
    for (size_t i = 0; i < id.length; i++) {
        if (id.data[i] < 0x20 || id.data[i] > 0x7E)
            return false;
        seen |= id.data[i] != ' ';
    }
    return seen && id.length == INSTITUTION_CARD_ID_LENGTH;
}

int myna_read_token_information(sc_card_t *card) {
    myna *m = myna_of(card);
    buffer content = BUFFER_INIT(NAME_LENGTH + INSTITUTION_CARD_ID_LENGTH);
    status_word sw;
    m->short_ids = true; /* this first reading tells: a card that knows none is read again by SELECT */
    int code = myna_read(card, EF_TOKEN_INFORMATION, 0, content.bound, &content, &sw);
    if (code == SC_SUCCESS && sw != SW_OK) {
        m->short_ids = false;
        code = myna_read(card, EF_TOKEN_INFORMATION, 0, content.bound, &content, &sw);
    }
    bytes all = buffer_bytes(&content), id = bytes_slice(all, NAME_LENGTH, INSTITUTION_CARD_ID_LENGTH);
    if (code == SC_SUCCESS && sw == SW_OK) {
        m->kind = bytes_equal(bytes_slice(all, 0, NAME_LENGTH), bytes_of(operator_token, NAME_LENGTH)) ? KIND_OPERATOR
                                                                                                       : KIND_PATIENT;
        if (is_card_id(id))
            memcpy(m->card_id, id.data, id.length);
    }
    buffer_wipe(&content);
    return code;
}

int myna_close_rights(sc_card_t *card) {
    myna *m = myna_of(card);
    myna_forget(m);
    if (!m->unclean)
        return SC_SUCCESS;
    int code = sc_lock(card);
    if (code != SC_SUCCESS)
        return code;
    code = myna_select_application(card);
    sc_unlock(card);
    return code;
}

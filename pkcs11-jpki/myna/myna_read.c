/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* READ BINARY: in as few commands as reader and card allow. */
#include "myna.h"

#include "iso7816/tlv.h"

#define INS_READ_BINARY 0xB0
#define BY_SHORT_ID 0x80
#define SHORT_ID_LAST 30
#define READ_MAX 4096 /* per command with extended length; certificates have about 1,600 bytes */
#define READ_SHORT 256
#define GUESS_STEP 64

/* What says who the holder is: never in OpenSC's log. */
static bool is_personal(myna_file file) {
    return file == EF_SIGN_CERTIFICATE || file >> 16 == APPLICATION_CARD_DATA;
}

int myna_read(sc_card_t *card, myna_file file, size_t offset, size_t max, buffer *content, status_word *sw) {
    myna *m = myna_of(card);
    myna_command read = {.ins = INS_READ_BINARY, .p2 = (uint8_t)offset, .le = max, .secret = is_personal(file)};
    uint16_t id = (uint16_t)file;
    int code = myna_enter(card, file >> 16);
    if (code != SC_SUCCESS)
        return code;
    if (m->short_ids && m->current_file != file && id <= SHORT_ID_LAST && offset <= 0xFF) {
        read.p1 = (uint8_t)(BY_SHORT_ID | id);
        m->current_file = EF_NONE;
    } else {
        code = myna_select_file(card, file);
        if (code != SC_SUCCESS)
            return code;
        read.p1 = (uint8_t)(offset >> 8);
    }
    code = myna_transmit(card, &read, content, sw);
    if (code == SC_SUCCESS && *sw == SW_OK)
        m->current_file = file;
    return code;
}

/* 0001 and 0002 exist in several applications of the card, with other content. */
static bool has_namesakes(myna_file file) {
    return (uint16_t)file == 0x0001 || (uint16_t)file == 0x0002;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t part_max(sc_card_t *card, const buffer *content) {
    size_t reader = card->reader->max_recv_size;
    size_t max = myna_of(card)->extended && reader > READ_SHORT ? smaller(READ_MAX, reader) : READ_SHORT;
    return smaller(max, content->bound - content->length);
}

/* Lengths of the objects that this process read last, by short file identifier: certificates of one CA have nearly the
 * same length, so the filler behind them (a third of the file) is not read again. Only an estimate: a longer object
 * costs one more command. */
static _Atomic uint16_t lengths_seen[SHORT_ID_LAST + 1];

static size_t guessed_length(myna_file file) {
    return file <= SHORT_ID_LAST ? lengths_seen[file] : 0;
}

static void remember_length(myna_file file, size_t length) {
    size_t rounded = (length + GUESS_STEP - 1) / GUESS_STEP * GUESS_STEP;
    if (file <= SHORT_ID_LAST && rounded <= READ_MAX)
        lengths_seen[file] = (uint16_t)rounded;
}

/* Appends the next part of the file. Uses short answers after a reader or card has refused long ones; selects the
 * application again after another process has changed it. */
static int read_part(sc_card_t *card, myna_file file, buffer *content) {
    status_word sw;
    size_t max = part_max(card, content), guess = guessed_length(file);
    if (content->length == 0 && guess > 0)
        max = smaller(max, guess);
    int code = myna_read(card, file, content->length, max, content, &sw);
    if (code == SC_SUCCESS && sw == SW_WRONG_LENGTH && max > READ_SHORT)
        code = myna_read(card, file, content->length, READ_SHORT, content, &sw);
    if (code == SC_SUCCESS && myna_is_elsewhere(sw) && !myna_of(card)->application_sure) {
        code = myna_select_application(card, file >> 16);
        if (code == SC_SUCCESS)
            code = myna_read(card, file, content->length, READ_SHORT, content, &sw);
    }
    return code == SC_SUCCESS ? myna_error(sw) : code;
}

int myna_read_object(sc_card_t *card, myna_file file, uint32_t tag, buffer *content) {
    size_t whole = 0, before;
    bytes value;
    int code = has_namesakes(file) ? myna_make_sure(card, file >> 16) : SC_SUCCESS;
    do {
        before = content->length;
        if (code == SC_SUCCESS)
            code = read_part(card, file, content);
        if (code != SC_SUCCESS)
            return code;
        if (whole == 0 && tlv_whole_length(buffer_bytes(content), &whole) != RESULT_OK)
            return SC_ERROR_FILE_NOT_FOUND; /* filler only */
    } while (content->length < whole && content->length > before && content->length < content->bound);
    if (content->length < whole)
        return SC_ERROR_FILE_NOT_FOUND;
    buffer_truncate(content, whole);
    remember_length(file, whole);
    return tlv_find(buffer_bytes(content), tag, &value) == RESULT_OK ? SC_SUCCESS : SC_ERROR_FILE_NOT_FOUND;
}

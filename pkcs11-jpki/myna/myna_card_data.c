/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-data input support: the four basic items, and nothing else. The file 0001 of that application, the individual
 * number, is never selected or read; nor is 0003, which has a hash of it that can be guessed in a minute. */
#include "myna.h"

#include "iso7816/tlv.h"

#define TAG_BASIC_ITEMS 0xFF20

/* Read at the first request after a login, wiped when the right ends. */
static int read_items(sc_card_t *card) {
    myna *m = myna_of(card);
    if (m->basic_items.length > 0)
        return SC_SUCCESS;
    int code = myna_read_object(card, EF_BASIC_ITEMS, TAG_BASIC_ITEMS, &m->basic_items);
    if (code == SC_ERROR_SECURITY_STATUS_NOT_SATISFIED)
        myna_lose(card); /* another process has ended the right */
    else if (code != SC_SUCCESS)
        buffer_wipe(&m->basic_items);
    return code;
}

int myna_basic_item(sc_card_t *card, uint16_t tag, bytes *value) {
    const myna *m = myna_of(card);
    bytes items;
    myna_end_old_right(card);
    if (!m->open[RIGHT_CARD_DATA])
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    int code = read_items(card);
    if (code != SC_SUCCESS)
        return code;
    myna_use(card);
    if (tlv_find(buffer_bytes(&m->basic_items), TAG_BASIC_ITEMS, &items) != RESULT_OK ||
        tlv_find(items, tag, value) != RESULT_OK)
        return SC_ERROR_FILE_NOT_FOUND;
    return SC_SUCCESS;
}

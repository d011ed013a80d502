/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Access conditions of new files, in the expanded form of ISO/IEC 7816-4 7.4.3: FF, then a condition for each of seven
 * operations. Every change needs the PIN; reading is free unless the profile protects it. */
#include "se.h"

#include <string.h>

#define CONDITION_FREE 0x00
#define CONDITION_PIN 0x90
#define CONDITION_NEVER 0xFF
#define ALL_CONDITIONS_PRESENT 0xFF
#define ATTRIBUTES 8
#define LAST 7 /* READ of an EF, deletion of a child of a DF */

static uint8_t condition_to_read(sc_file_t *file) {
    const sc_acl_entry_t *entry = sc_file_get_acl_entry(file, SC_AC_OP_READ);
    if (entry == NULL || entry->method == SC_AC_NONE)
        return CONDITION_FREE;
    return entry->method == SC_AC_NEVER ? CONDITION_NEVER : CONDITION_PIN;
}

int se_create_file(sc_card_t *card, sc_file_t *file) {
    uint8_t attributes[ATTRIBUTES];
    memset(attributes, CONDITION_PIN, sizeof attributes);
    attributes[0] = ALL_CONDITIONS_PRESENT;
    if (file->type != SC_FILE_TYPE_DF)
        attributes[LAST] = condition_to_read(file);
    int code = file->sec_attr_len == 0 ? sc_file_set_sec_attr(file, attributes, sizeof attributes) : SC_SUCCESS;
    if (code >= 0)
        code = se_iso()->create_file(card, file);
    se_of(card)->fresh = code == SC_SUCCESS && file->type != SC_FILE_TYPE_DF ? file->path : (sc_path_t){0};
    return code;
}

/* If the file cannot be deleted now (the SE was removed), the next object overwrites it: OpenSC deletes a file before
 * it makes one with the same name, and looks for free names among objects. */
static void take_back(sc_card_t *card) {
    const sc_path_t path = se_of(card)->fresh;
    se_of(card)->fresh = (sc_path_t){0};
    if (path.len < 2 || se_iso()->select_file(card, &path, NULL) != SC_SUCCESS)
        return;
    const sc_path_t name = {
        .type = SC_PATH_TYPE_FILE_ID, .len = 2, .value = {path.value[path.len - 2], path.value[path.len - 1]}};
    se_iso()->delete_file(card, &name);
}

int se_update_binary(sc_card_t *card, unsigned offset, const u8 *data, size_t length, unsigned long flags) {
    int code = se_iso()->update_binary(card, offset, data, length, flags);
    if (code < 0)
        take_back(card);
    return code;
}

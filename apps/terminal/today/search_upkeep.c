/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/search_upkeep.h"

#include "today/list_row.h"

#include "delivery/search_index.h"

#include <string.h>

#define SETTING_SEARCH "search-index" /* version of the index: complete since the store began, or built later */
#define SEARCH_VERSION "1"
#define PAGE 64

static result list_one(store_access *s, const terminal_record *record) {
    static list_row row; /* large: kept off the stack */
    terminal_tokens tokens;
    result code = list_row_read(s, record, &row);
    if (code == RESULT_OK)
        code = search_index_tokens(s, row.id, row.note.hospital_number, &row.person, &tokens);
    return code == RESULT_OK ? terminal_store_index(s->file, row.id, &tokens) : code;
}

static result list_all(store_access *s, const char *kind) {
    terminal_record rows[PAGE];
    char last[37] = "";
    size_t count = PAGE;
    result code = RESULT_OK;
    while (code == RESULT_OK && count == PAGE) {
        const terminal_filter wanted = {.kind = kind, .after = last};
        code = terminal_store_list(s->file, &wanted, rows, PAGE, &count);
        for (size_t i = 0; code == RESULT_OK && i < count; i++) {
            memcpy(last, rows[i].id, sizeof last);
            code = list_one(s, &rows[i]);
        }
    }
    return code;
}

result search_upkeep(store_access *s) {
    buffer value = BUFFER_INIT(16);
    result code = record_setting(s, SETTING_SEARCH, &value);
    buffer_wipe(&value);
    if (code != RESULT_NOT_FOUND)
        return code;
    code = list_all(s, RECORD_RECEPTION);
    if (code == RESULT_OK)
        code = list_all(s, RECORD_WITHOUT_CARD);
    return code == RESULT_OK ? record_set(s, SETTING_SEARCH, bytes_of(SEARCH_VERSION, strlen(SEARCH_VERSION))) : code;
}

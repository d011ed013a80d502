/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test_record_store.h"

#include "base/uuid.h"
#include "delivery/ledger.h"
#include "delivery/ledger_load.h"
#include "delivery/sealed_record.h"
#include "test_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

store_access test_store;

int test_store_begin(void **state) {
    const int failed = test_engine_begin(state);
    test_store = (store_access){.unlocked = true};
    memset(test_store.record_key, 1, sizeof test_store.record_key);
    memset(test_store.ledger_key, 2, sizeof test_store.ledger_key);
    return failed != 0 || terminal_store_open(test_engine_url, &test_store.file) != RESULT_OK ||
                   ledger_begin(&test_store) != RESULT_OK
               ? -1
               : 0;
}

int test_store_end(void **state) {
    char problem[LEDGER_PROBLEM_SIZE];
    const result code = ledger_load(&test_store, problem); /* whatever was done, it agrees with its ledger */
    ledger_forget(&test_store);
    terminal_store_close(&test_store.file);
    return test_engine_end(state) == 0 && code == RESULT_OK ? 0 : -1;
}

const char *test_record_id(int number) {
    static char id[UUID_TEXT_SIZE];
    snprintf(id, sizeof id, "01900000-0000-7000-8000-%012d", number);
    return id;
}

const char *test_record_state(int number) {
    static terminal_record row;
    buffer content = BUFFER_INIT(RECORD_SIZE_MAX);
    assert_int_equal(terminal_store_get(test_store.file, test_record_id(number), &row, &content), RESULT_OK);
    buffer_wipe(&content);
    return row.state;
}

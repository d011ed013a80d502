/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's two stores on a disk that loses what was not synchronised (losing-disk.h), the power cut at every step of its
 * work, with one kind of loss after the other: requests kept, answered, handed over; uses of keys and outcomes noted. What the relay has said to somebody
 * stays, and neither store is taken for an altered one afterwards. */
#include "keep/keep_store.h"
#include "ledger/relay_store.h"

#include "base/log.h"
#include "losing-disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUESTS 3
#define USES 4
#define CUTS_MAX 1000

static char folder[] = "/tmp/test-relay-power-cut-XXXXXX";

static void remove_file(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

/* --- what is kept --------------------------------------------------------------------------------------------------- */

typedef struct said {
    unsigned kept;                 /* requests that were taken in: the first so many */
    char answered[UUID_TEXT_SIZE]; /* the one whose answer is stored; "": none is */
    bool delivered;
} said;

static result open_keep(keep_store **store) {
    const keep_store_options options = {.folder = folder, .requests_max = 100, .purge_s = 3600};
    const result code = keep_store_open(&options, store);
    while (code == RESULT_OK && keep_store_compared(*store) == KEEP_STORE_COMPARING)
        usleep(100);
    return code;
}

static kept_request request(unsigned number) {
    kept_request r = KEPT_REQUEST_INIT;
    snprintf(r.owner, sizeof r.owner, "T-01");
    assert_int_equal(buffer_append_format(&r.body, "{\"n\":%u}", number), RESULT_OK);
    return r;
}

static void keep_some(keep_store *store, said *out) {
    result code = RESULT_OK;
    for (unsigned i = 0; i < REQUESTS && code == RESULT_OK; i++) {
        kept_request r = request(i);
        code = keep_store_add(store, &r);
        out->kept += code == RESULT_OK;
        kept_request_wipe(&r);
    }
}

static void deliver_one(keep_store *store, said *out) {
    kept_request r = KEPT_REQUEST_INIT;
    result code = keep_store_next(store, &r);
    if (code == RESULT_OK)
        code = buffer_append_text(&r.answer, "answer");
    if (code == RESULT_OK)
        code = buffer_append_text(&r.signature, "signed");
    if (code == RESULT_OK)
        code = keep_store_answer(store, &r);
    if (code == RESULT_OK)
        snprintf(out->answered, sizeof out->answered, "%s", r.id);
    out->delivered = code == RESULT_OK && keep_store_delivered(store, "T-01", r.id) == RESULT_OK;
    kept_request_wipe(&r);
}

static said keep_work(void) {
    said out = {0};
    keep_store *store = NULL;
    if (open_keep(&store) == RESULT_OK)
        keep_some(store, &out);
    keep_store_close(&store);
    if (!losing_disk_is_dead() && open_keep(&store) == RESULT_OK)
        deliver_one(store, &out);
    keep_store_close(&store);
    return out;
}

/* False: it was delivered, or was about to be, and whoever sends it again begins anew. */
static bool check_request(keep_store *store, unsigned number, const said *told) {
    kept_request r = request(number);
    const result code = keep_store_find(store, &r);
    assert_true(code == RESULT_OK || code == RESULT_NOT_FOUND);
    if (code == RESULT_OK && strcmp(r.id, told->answered) == 0)
        assert_string_equal(buffer_text(&r.answer), "answer");
    kept_request_wipe(&r);
    return code == RESULT_OK;
}

static void check_kept(const said *told) {
    keep_store *store = NULL;
    keep_store_counts counts;
    unsigned found = 0;
    assert_int_equal(open_keep(&store), RESULT_OK);
    assert_int_equal(keep_store_compared(store), KEEP_STORE_WHOLE);
    for (unsigned i = 0; i < told->kept; i++)
        found += check_request(store, i, told);
    keep_store_tell(store, KEPT_PLATFORM, &counts);
    assert_int_equal(found + counts.delivered, told->kept);
    assert_true(counts.delivered == 1 || !told->delivered);
    kept_request more = request(99);
    assert_int_equal(keep_store_add(store, &more), RESULT_OK); /* and it goes on */
    kept_request_wipe(&more);
    keep_store_close(&store);
}

static void what_was_kept_is_there(void **state) {
    bool whole = false;
    unsigned cut = 1;
    (void)state;
    for (; !whole; cut++) {
        assert_true(cut < CUTS_MAX);
        losing_disk_begin(cut);
        const said told = keep_work();
        whole = !losing_disk_is_dead();
        losing_disk_come_back(cut % LOSING_DISK_SURVIVORS);
        check_kept(&told);
        assert_true(!whole || (told.kept == REQUESTS && told.delivered));
        losing_disk_empty(); /* the key stays: it is no file of SQLite's, and is synchronised when it is made */
    }
    print_message("%u steps\n", cut);
}

/* --- ledgers -------------------------------------------------------------------------------------------------------- */

typedef struct noted {
    int64_t uses, outcomes; /* numbers of the last ones that were said to be on the disk */
} noted;

static result note_one(relay_store *store, unsigned number, noted *out) {
    relay_use use = {.terminal = "T-01", .key = "institution", .role = "evidence", .about = "0A"};
    relay_outcome outcome = {.terminal = "T-01", .service = "pf", .outcome = "valid", .way = "kept", .answer = "0B"};
    snprintf(outcome.subject, sizeof outcome.subject, "e-%u", number);
    result code = relay_store_add_use(store, &use);
    if (code == RESULT_OK) {
        out->uses = use.number;
        code = relay_store_add_outcomes(store, &outcome, 1);
    }
    if (code == RESULT_OK)
        out->outcomes = outcome.number;
    return code;
}

static noted ledger_work(void) {
    noted out = {0};
    relay_store *store = NULL;
    result code = relay_store_open(folder, &store);
    for (unsigned i = 0; i < USES && code == RESULT_OK; i++)
        code = note_one(store, i, &out);
    relay_store_close(&store);
    return out;
}

static result count_outcome(void *context, const relay_outcome *outcome) {
    *(int64_t *)context = outcome->number;
    return RESULT_OK;
}

static void check_noted(const noted *told) {
    relay_store *store = NULL;
    noted again = {0};
    int64_t broken = 0, outcomes = 0;
    assert_int_equal(relay_store_open(folder, &store), RESULT_OK);
    assert_in_range(relay_store_count_uses(store), told->uses, told->uses + 1);
    assert_int_equal(relay_store_each_outcome(store, count_outcome, &outcomes), RESULT_OK);
    assert_in_range(outcomes, told->outcomes, told->outcomes + 1);
    assert_int_equal(note_one(store, 99, &again), RESULT_OK);
    assert_int_equal(relay_store_check_uses(store, &broken), RESULT_OK);
    assert_int_equal(relay_store_check_outcomes(store, &broken), RESULT_OK);
    relay_store_close(&store);
}

static void what_was_noted_is_there(void **state) {
    bool whole = false;
    (void)state;
    for (unsigned cut = 1; !whole; cut++) {
        assert_true(cut < CUTS_MAX);
        losing_disk_begin(cut);
        const noted told = ledger_work();
        whole = !losing_disk_is_dead();
        losing_disk_come_back(cut % LOSING_DISK_SURVIVORS);
        check_noted(&told);
        assert_true(!whole || (told.uses == USES && told.outcomes == USES));
        losing_disk_empty();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_kept_is_there),
                                       cmocka_unit_test(what_was_noted_is_there)};
    FILE *nowhere = fopen("/dev/null", "w"); /* each cut is an error of the store */
    log_open("test-relay-power-cut", LOG_ERROR, nowhere);
    if (mkdtemp(folder) == NULL)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fclose(nowhere);
    remove_file("keep.key");
    remove_file("keep.lock");
    rmdir(folder);
    return failed;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which commands read a configuration, and which one. What is verified on any machine is verified with the anchors of the
 * installed configuration, where there is one and no others are named. */
#include "core/audit.h"
#include "core/watchdog.h"
#include "desk/command.h"
#include "se/se_supervision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- what is there ------------------------------------------------------------------------------------------------ */

static bool installed;        /* the configuration of this machine */
static const char *read_path; /* as it was asked for; "none": nothing was */

int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode) {
    assert_string_equal(path, CONFIGURATION_DEFAULT_PATH);
    assert_int_equal(mode, R_OK);
    return installed ? 0 : -1;
}

outcome configuration_read(const char *path, configuration *out, report *r) {
    (void)out;
    (void)r;
    read_path = path;
    return OUTCOME_OK;
}

/* Of the rest of command.c nothing is called here. */
const command_line_program terminal_program;
const command_line_command *command_line_find(const command_line_program *program, const char *name) {
    (void)program;
    (void)name;
    return NULL;
}

void watchdog_expect_answers(long seconds) {
    (void)seconds;
}

void audit_note_command(token *se, store_access *store, report *r, const char *name, outcome done) {
    (void)se;
    (void)store;
    (void)r;
    (void)name;
    (void)done;
}

void se_supervision_note_counter(card_access *cards, store_access *store) {
    (void)cards;
    (void)store;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const command signature_verify = {.line = {.name = "signature verify",
                                                  .takes = TAKES(CONTENT) | TAKES(ANCHORS)}},
                     evidence_show = {.line = {.name = "evidence show"}},
                     status = {.line = {.name = "status"}, .needs_configuration = true};

static void each_command_reads_what_it_needs(void **state) {
    static const struct {
        const command *chosen;
        bool installed;
        const char *named, *variable, *anchors, *read; /* read: "none", or the path; NULL: the usual place */
    } rows[] = {
        {&status, false, NULL, NULL, NULL, NULL},
        {&status, true, "other", NULL, NULL, "other"},
        {&signature_verify, true, NULL, NULL, NULL, NULL},
        {&signature_verify, false, NULL, NULL, NULL, "none"},
        {&signature_verify, true, NULL, NULL, "folder", "none"},
        {&signature_verify, true, "other", NULL, "folder", "other"},
        {&signature_verify, false, NULL, "variable", NULL, NULL},
        {&signature_verify, false, NULL, "variable", "folder", NULL},
        {&evidence_show, true, NULL, NULL, NULL, "none"},
        {&evidence_show, true, "other", NULL, NULL, "other"},
        {&evidence_show, true, NULL, "variable", NULL, NULL},
    };
    static terminal t;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        installed = rows[i].installed;
        read_path = "none";
        t.context.options = (options){.configuration_path = rows[i].named, .anchors = rows[i].anchors};
        assert_int_equal(
            rows[i].variable != NULL ? setenv("UKETSUKE_CONFIG", rows[i].variable, 1) : unsetenv("UKETSUKE_CONFIG"), 0);
        assert_int_equal(command_configure(&t, rows[i].chosen), OUTCOME_OK);
        if ((read_path == NULL) != (rows[i].read == NULL) ||
            (read_path != NULL && strcmp(read_path, rows[i].read) != 0))
            fail_msg("row %zu: %s", i, read_path != NULL ? read_path : "the usual place");
    }
    assert_int_equal(unsetenv("UKETSUKE_CONFIG"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_reads_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

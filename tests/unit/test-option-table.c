/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminal's tables: each option's row is whole, and what a daemon must know of it arrives there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "acceptance/acceptance.h"
#include "administration/administration.h"
#include "auditor/auditor.h"
#include "card/card_commands.h"
#include "core/pin_entry.h"
#include "delivery/purge.h"
#include "delivery/receptions.h"
#include "delivery/reconcile.h"
#include "delivery/visit_command.h"
#include "desk/watch_command.h"
#include "desk/command.h"
#include "desk/desk.h"
#include "neighbours/neighbours.h"
#include "operator/login.h"
#include "reception/reception.h"
#include "se/terminal_unlock.h"
#include "today/today.h"

/* Functions of the commands: named by the table, never called. */
#define NEVER(name)                                                                                                    \
    outcome name(terminal *t) {                                                                                        \
        (void)t;                                                                                                       \
        return OUTCOME_INTERNAL;                                                                                       \
    }
/* clang-format off */
NEVER(accept_command)
NEVER(anchors_apply_command)
NEVER(anchors_revert_command)
NEVER(anchors_show_command)
NEVER(anchors_stage_command)
NEVER(appointments_check_command)
NEVER(appointments_command)
NEVER(appointments_done_command)
NEVER(audit_command)
NEVER(audit_export_command)
NEVER(clock_confirm_command)
NEVER(enroll_medium_command)
NEVER(enroll_begin_command)
NEVER(enroll_finish_command)
NEVER(enroll_register_command)
NEVER(evidence_export_command)
NEVER(evidence_show_command)
NEVER(evidence_verify_command)
NEVER(institutions_confirm_command)
NEVER(institutions_propose_command)
NEVER(institutions_show_command)
NEVER(limits_confirm_command)
NEVER(limits_propose_command)
NEVER(limits_show_command)
NEVER(login_before_pin)
NEVER(login_command)
NEVER(logout_command)
NEVER(person_before_pin)
NEVER(person_command)
NEVER(purge_command)
NEVER(reception_before_pin)
NEVER(reception_command)
NEVER(reception_paper_command)
NEVER(receptions_command)
NEVER(receptions_done_command)
NEVER(reconcile_command)
NEVER(se_replace_command)
NEVER(serve_command)
NEVER(signature_before_pin)
NEVER(signature_make_command)
NEVER(signature_verify_command)
NEVER(status_command)
NEVER(unlock_card_command)
NEVER(today_amend_command)
NEVER(today_command)
NEVER(exchange_command)
NEVER(today_export_command)
NEVER(today_find_command)
NEVER(today_show_command)
NEVER(today_slip_command)
NEVER(unlock_command)
NEVER(visit_before_pin)
NEVER(visit_command)
NEVER(watch_command)
/* clang-format on */

/* Of reception: whether it asks for a PIN. */
bool reception_asks_for_pin(const options *o) {
    return o->identified != NULL;
}

static void the_tables_are_in_order(void **state) {
    (void)state;
    const char *fault = command_line_fault(&terminal_program);
    if (fault != NULL)
        print_error("%s\n", fault);
    assert_null(fault);
}

/* An option of a command that the daemon does, and that does not arrive there, would do nothing. */
static void what_resident_commands_take_travels(void **state) {
    (void)state;
    for (size_t i = 0; i < terminal_program.command_count; i++) {
        const command *c = (const command *)terminal_program.commands + i;
        const command_line_set takes = terminal_program.common | c->line.takes;
        for (int row = 0; c->resident && row < OPTION_ROWS; row++)
            if ((takes & COMMAND_LINE_OPTION(row) & ~OPTIONS_OF_THE_CLIENT) != 0 && option_table[row].wire == NULL)
                fail_msg("%s: --%s does not travel", c->line.name, option_table[row].name);
    }
}

static bool is_a_file(const char *argument) {
    return argument != NULL &&
           (strstr(argument, "FILE") != NULL || strstr(argument, "FOLDER") != NULL || strstr(argument, "PATH") != NULL);
}

/* What would be read or written with the daemon's rights is known as a file's name (desk_request_names_files). */
static void what_names_a_file_is_marked(void **state) {
    (void)state;
    for (int row = 0; row < OPTION_ROWS; row++)
        if (option_table[row].wire != NULL && is_a_file(option_table[row].argument) != option_table[row].path)
            fail_msg("--%s", option_table[row].name);
    for (size_t i = 0; i < terminal_program.command_count; i++) {
        const command *c = (const command *)terminal_program.commands + i;
        if (c->resident && is_a_file(c->line.arguments) != c->paths)
            fail_msg("%s", c->line.name);
    }
}

static void whoever_asks_for_a_pin_takes_a_descriptor(void **state) {
    (void)state;
    for (size_t i = 0; i < terminal_program.command_count; i++) {
        const command *c = (const command *)terminal_program.commands + i;
        if (c->asks == ASKS_PIN && (c->line.takes & TAKES(PIN_FD)) == 0)
            fail_msg("%s asks for a PIN without --pin-fd", c->line.name);
        if (c->asks == ASKS_SIGN_PIN && (c->line.takes & TAKES(SIGN_PIN_FD)) == 0)
            fail_msg("%s asks for a signature PIN without --sign-pin-fd", c->line.name);
        if (c->confirms && ((c->line.takes & TAKES(PATIENT)) == 0 || c->before_pin == NULL))
            fail_msg("%s asks for the patient without --patient, or shows nobody before", c->line.name);
    }
}

/* Every row that travels, said and unsaid: it arrives as it was, and nothing else does. */
static void what_is_said_arrives(void **state) {
    (void)state;
    for (int row = 0; row < OPTION_ROWS; row++) {
        const command_line_option *r = &option_table[row];
        options said = {0}, heard = {0};
        json_t *request = json_object();
        if (r->kind == COMMAND_LINE_SWITCH)
            *(bool *)((char *)&said + r->offset) = true;
        else if (r->kind == COMMAND_LINE_TEXT)
            *(const char **)((char *)&said + r->offset) = "/value";
        assert_int_equal(option_table_write(&said, request), RESULT_OK);
        option_table_read(request, &heard);
        for (int other = 0; other < OPTION_ROWS; other++) {
            const command_line_option *o = &option_table[other];
            const bool due = other == row && o->wire != NULL;
            if (o->kind == COMMAND_LINE_SWITCH)
                assert_int_equal(*(bool *)((char *)&heard + o->offset), due);
            else if (o->kind == COMMAND_LINE_TEXT && due)
                assert_string_equal(*(const char **)((char *)&heard + o->offset), "/value");
            else if (o->kind == COMMAND_LINE_TEXT)
                assert_null(*(const char **)((char *)&heard + o->offset));
        }
        assert_int_equal(option_table_names_files(request), r->path && r->wire != NULL);
        json_decref(request);
    }
}

static void a_path_arrives_absolute(void **state) {
    (void)state;
    options said = {.output = "here"};
    options heard = {0};
    json_t *request = json_object();
    assert_int_equal(option_table_write(&said, request), RESULT_OK);
    option_table_read(request, &heard);
    assert_int_equal(*heard.output, '/');
    assert_string_equal(strrchr(heard.output, '/'), "/here");
    json_decref(request);
}

/* The names of the wire format, which is an interface: a client of the version before is understood. */
static void the_wire_names_stay(void **state) {
    (void)state;
    json_t *request = json_loads("{\"json\":true,\"patientCard\":true,\"attached\":true,\"evidence\":\"e\","
                                 "\"from\":\"f\",\"to\":\"t\",\"output\":\"/o\",\"platformCvc\":\"/p\","
                                 "\"anchors\":\"/a\",\"content\":7}",
                                 0, NULL);
    options o = {0};
    option_table_read(request, &o);
    assert_true(o.json && o.patient_card && o.attached);
    assert_string_equal(o.evidence_id, "e");
    assert_string_equal(o.from, "f");
    assert_string_equal(o.to, "t");
    assert_string_equal(o.output, "/o");
    assert_string_equal(o.platform_cvc, "/p");
    assert_null(o.anchors);
    assert_null(o.content);
    json_decref(request);
}

static void what_is_of_another_type_is_missing(void **state) {
    (void)state;
    json_t *request = json_loads("{\"json\":\"true\",\"attached\":1,\"evidence\":7,\"output\":true}", 0, NULL);
    options o = {0};
    option_table_read(request, &o);
    assert_false(o.json || o.attached);
    assert_null(o.evidence_id);
    assert_null(o.output);
    assert_false(option_table_names_files(request));
    json_decref(request);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_in_order),     cmocka_unit_test(what_resident_commands_take_travels),
        cmocka_unit_test(what_names_a_file_is_marked), cmocka_unit_test(whoever_asks_for_a_pin_takes_a_descriptor),
        cmocka_unit_test(what_is_said_arrives),        cmocka_unit_test(a_path_arrives_absolute),
        cmocka_unit_test(the_wire_names_stay),         cmocka_unit_test(what_is_of_another_type_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "acceptance/acceptance.h"
#include "administration/enroll.h"
#include "core/clock_check.h"

#include "delivery/beacon.h"

#include <string.h>

/* --- the self-test of the enrolment, once more ---------------------------------------------------------------------- */

static const struct {
    const char *check, *requirements;
} enrolment[] = {
    {"institution-key", "S-2 3-1b"},
    {"institution-certificate", "3-1a 3-7①"},
    {"institution-code", "3-1a"},
    {"cvc-chain", "C-1 3-1a"},
    {"tls-key", "P-3"},
    {"tls-certificate", "P-3 3-7①"},
    {"store-key", "S-4 3-1b"},
    {"signature-counter", "3-1c"},
    {"se-pairing", "3-1c"},
    {"platform", "C-3 F-2"},
    {"history", "C-3 H-1"},
};

/* A check without a row here is shown all the same. */
static const char *requirements_of(const char *check) {
    for (size_t i = 0; i < sizeof enrolment / sizeof *enrolment; i++)
        if (strcmp(enrolment[i].check, check) == 0)
            return enrolment[i].requirements;
    return "D-8";
}

static void try_self_test(acceptance *a) {
    json_t *checks = json_array(), *check;
    size_t i;
    /* Silent, because its texts are for the end of an enrolment. */
    const report own = report_begin_silent(&a->terminal->context.report);
    enroll_self_test(a->terminal, checks);
    report_end_silent(&a->terminal->context.report, own);
    json_array_foreach(checks, i, check) {
        const char *name = json_string_value(json_object_get(check, "check"));
        const acceptance_item item = {name, requirements_of(name), enroll_check_label(name)};
        const bool passed = json_is_true(json_object_get(check, "passed"));
        acceptance_note(a, &item, passed ? ACCEPTED : NOT_ACCEPTED,
                        json_string_value(json_object_get(check, "problem")), NULL);
    }
    json_decref(checks);
}

/* --- readers, clock ----------------------------------------------------------------------------------------------- */

static void try_reader(acceptance *a, const acceptance_item *item, token_module *module, const char *reader) {
    const bool there = token_card_present(module, reader) != RESULT_NOT_FOUND;
    acceptance_note(a, item, there ? ACCEPTED : NOT_ACCEPTED, there ? "" : _("the reader is not connected"),
                    json_pack("{s:s}", "reader", reader));
}

static void try_readers(acceptance *a) {
    card_access *cards = &a->terminal->cards;
    const configuration *c = &a->terminal->context.configuration;
    const acceptance_item patient = {"reader-patient", "C-2 K-5", _("Patient reader")},
                          operator= {"reader-operator", "3-3①", _("Operator reader")},
                          se = {"reader-se", "3-1d", _("SE reader")};
    try_reader(a, &patient, cards->module, c->reader_patient);
    try_reader(a, &operator, cards->module, c->reader_operator);
    try_reader(a, &se, cards->se_module, c->reader_se);
}

/* Evidence states the difference from the platform's clock, so it must be known. */
static void try_clock(acceptance *a) {
    const acceptance_item item = {"clock", "3-3③b", _("The platform's time is known")};
    statement_clock c;
    clock_beacon_state(&a->terminal->store, &c);
    const bool known = c.beacon[0] != 0 && !c.restarted;
    acceptance_note(a, &item, known ? ACCEPTED : NOT_DONE_YET,
                    known ? "" : _("connect the platform and receive a patient"),
                    known ? json_pack("{s:s,s:I}", "heard", c.beacon, "ahead", (json_int_t)(c.offset + c.jump)) : NULL);
}

void acceptance_try(acceptance *a) {
    try_self_test(a);
    try_readers(a);
    try_clock(a);
}

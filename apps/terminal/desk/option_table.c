/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/option_table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536

static bool take_descriptor(const char *value, void *member) {
    char *end;
    const long number = strtol(value, &end, 10);
    *(int *)member = (int)number;
    return end != value && *end == 0 && number >= 0 && number < DESCRIPTORS_MAX;
}

static bool take_whose(const char *value, void *member) {
    *(bool *)member = strcmp(value, "patient") == 0;
    return *(bool *)member || strcmp(value, "operator") == 0;
}

#define MEMBER(field) .offset = offsetof(options, field)

/* clang-format off */
const command_line_option option_table[OPTION_ROWS] = {
    [OPTION_CONFIG] = {"config", "FILE", N_("configuration (default $UKETSUKE_CONFIG)"), MEMBER(configuration_path)},
    [OPTION_JSON] = {"json", NULL, N_("one JSON object instead of lines"), MEMBER(json), COMMAND_LINE_SWITCH,
                     .wire = "json"},
    [OPTION_VERBOSE] = {"verbose", NULL, N_("add what administrators need to know about a failure"), MEMBER(verbose),
                        COMMAND_LINE_SWITCH, .wire = "verbose"},
    [OPTION_PIN_FD] = {"pin-fd", "N", N_("read the PIN from file descriptor N instead of asking"), MEMBER(pin_fd),
                       COMMAND_LINE_OTHER, take_descriptor},
    [OPTION_SIGN_PIN_FD] = {"sign-pin-fd", "N", N_("read the signature PIN from file descriptor N instead of asking"),
                            MEMBER(sign_pin_fd), COMMAND_LINE_OTHER, take_descriptor},
    [OPTION_EVIDENCE] = {"evidence", "ID", N_("which reception"), MEMBER(evidence_id), .wire = "evidence"},
    [OPTION_FROM] = {"from", "DAY", N_("from this day on (2026-04-01)"), MEMBER(from), .wire = "from"},
    [OPTION_TO] = {"to", "DAY", N_("up to this day, itself included"), MEMBER(to), .wire = "to"},
    [OPTION_SINCE] = {"since", "NUMBER", N_("events after this one; 0: all that are kept"), MEMBER(since)},
    [OPTION_OUTPUT] = {"output", "PATH", N_("where to write: a folder, or for a signature a file"), MEMBER(output),
                       .wire = "output", .path = true},
    [OPTION_MEDIUM] = {"medium", "FOLDER", N_("what goes to the CA and comes back: a USB stick, for example"),
                       MEMBER(medium)},
    [OPTION_CARD] = {"card", "WHOSE", N_("whose card signs: operator (default) or patient"), MEMBER(patient_card),
                     COMMAND_LINE_SWITCH, take_whose, .wire = "patientCard"},
    [OPTION_ATTACHED] = {"attached", NULL, N_("put the file itself into the signature"), MEMBER(attached),
                         COMMAND_LINE_SWITCH, .wire = "attached"},
    [OPTION_CONTENT] = {"content", "FILE", N_("the file that was signed, if not inside"), MEMBER(content)},
    /* Not for other commands: there the user cannot choose the trust anchors. */
    [OPTION_ANCHORS] = {"anchors", "FOLDER", N_("trust anchors instead of the terminal's"), MEMBER(anchors)},
    [OPTION_PLATFORM_CVC] = {"platform-cvc", "FILE", N_("the platform's certificates, for evidence made online"),
                             MEMBER(platform_cvc), .wire = "platformCvc", .path = true},
    [OPTION_HOSPITAL_NUMBER] = {"hospital-number", "NUMBER", N_("the number on the hospital's own card (診察券番号)"),
                                MEMBER(hospital_number), .wire = "hospitalNumber"},
    [OPTION_DEPARTMENT] = {"department", "NAME", N_("the department that sees the patient"), MEMBER(department),
                           .wire = "department"},
    [OPTION_NAME] = {"name", "NAME", N_("the patient's name, as said or on the paper"), MEMBER(name), .wire = "name"},
    [OPTION_KANA] = {"kana", "KANA", N_("the same in kana"), MEMBER(kana), .wire = "kana"},
    [OPTION_BIRTH_DATE] = {"birth-date", "DAY", N_("the patient's day of birth (1972-11-03)"), MEMBER(birth_date),
                           .wire = "birthDate"},
    [OPTION_SEX] = {"sex", "WORD", N_("male, female, other or unknown"), MEMBER(sex), .wire = "sex"},
    [OPTION_INSURER_NUMBER] = {"insurer-number", "NUMBER",
                               N_("the insurer's number (保険者番号), or the public payer's (公費負担者番号)"),
                               MEMBER(insurer_number), .wire = "insurerNumber"},
    [OPTION_SYMBOL] = {"symbol", "TEXT", N_("the insured person's symbol (記号)"), MEMBER(symbol), .wire = "symbol"},
    [OPTION_NUMBER] = {"number", "TEXT", N_("the insured person's number (番号), or the recipient's (受給者番号)"),
                       MEMBER(number), .wire = "number"},
    [OPTION_BRANCH] = {"branch", "NUMBER", N_("the branch number (枝番)"), MEMBER(branch), .wire = "branch"},
    [OPTION_PATIENT] = {"patient", "NAME", N_("confirm the patient: name, kana or hospital number"), MEMBER(patient),
                        .wire = "patient"},
    [OPTION_AGAIN] = {"again", NULL, N_("once more, although it was done before"), MEMBER(again),
                      COMMAND_LINE_SWITCH, .wire = "again"},
    [OPTION_ALL] = {"all", NULL, N_("also those that are done"), MEMBER(all), COMMAND_LINE_SWITCH, .wire = "all"},
    [OPTION_PAPER] = {"paper", "FILE", N_("a paper of the CA's office, instead of a second administrator"),
                      MEMBER(paper), .wire = "paper", .path = true},
    [OPTION_IDENTIFIED] = {"identified", "HOW", N_("how the holder was identified: face, pin, or nobody did"),
                           MEMBER(identified), .wire = "identified"},
};
/* clang-format on */

static const void *member_of(const options *o, const command_line_option *row) {
    return (const char *)o + row->offset;
}

json_t *option_table_path(const char *path) {
    char here[PATH_MAX];
    if (*path == '/' || getcwd(here, sizeof here) == NULL)
        return json_string(path);
    return json_sprintf("%s/%s", here, path);
}

static json_t *value_of(const options *o, const command_line_option *row) {
    if (row->kind == COMMAND_LINE_SWITCH)
        return json_boolean(*(const bool *)member_of(o, row));
    const char *text = *(const char *const *)member_of(o, row);
    return row->path ? option_table_path(text) : json_string(text);
}

static bool is_said(const options *o, const command_line_option *row) {
    return row->kind == COMMAND_LINE_SWITCH || *(const char *const *)member_of(o, row) != NULL;
}

result option_table_write(const options *o, json_t *request) {
    for (const command_line_option *row = option_table; row < option_table + OPTION_ROWS; row++)
        if (row->wire != NULL && is_said(o, row) && json_object_set_new(request, row->wire, value_of(o, row)) != 0)
            return RESULT_NO_MEMORY;
    return RESULT_OK;
}

void option_table_read(const json_t *request, options *o) {
    for (const command_line_option *row = option_table; row < option_table + OPTION_ROWS; row++) {
        const json_t *value = row->wire != NULL ? json_object_get(request, row->wire) : NULL;
        void *member = (char *)o + row->offset;
        if (row->wire != NULL && row->kind == COMMAND_LINE_SWITCH)
            *(bool *)member = json_is_true(value);
        else if (row->wire != NULL)
            *(const char **)member = json_string_value(value);
    }
}

bool option_table_names_files(const json_t *request) {
    for (const command_line_option *row = option_table; row < option_table + OPTION_ROWS; row++)
        if (row->path && row->wire != NULL && json_is_string(json_object_get(request, row->wire)))
            return true;
    return false;
}

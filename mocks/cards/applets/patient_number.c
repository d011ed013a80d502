/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An applet to learn from (docs/guides/add-an-applet.md): the patient's number at a hospital, as on the hospital's own
 * plastic card (診察券), beside the My Number card's applications.
 *
 *   EF 0001   hospital and patient number, free
 *   EF 0002   a note to the staff, by PIN
 *   EF 0011   PIN: 4 digits, 3 tries
 *   80 10 00 00 02   draws a queue ticket: 1, 2, 3 ... since the application was selected */
#include "patient/applet.h"

#define RIGHT_PIN (1u << 0)

/* F0...: proprietary, not registered (ISO/IEC 7816-4 8.2.1.2); then "UKETSUKE" and a number. */
static const uint8_t aid[] = {0xF0, 0x55, 0x4B, 0x45, 0x54, 0x53, 0x55, 0x4B, 0x45, 0x01};

static const pin_rule holder_pin = {.name = "patient-number-pin", .min = 4, .max = 4, .digits_only = true, .tries = 3};

static const elementary_file files[] = {
    {0x0001, FILE_DATA, .path = "apps/patient-number/0001", .tag = 0x70,
     .problem = "apps/patient-number/0001: no object with tag 70"},
    {0x0002, FILE_DATA, .path = "apps/patient-number/0002", .size = 64, .opens_by = RIGHT_PIN,
     .problem = "apps/patient-number/0002: missing, or more than 64 bytes"},
    {0x0011, FILE_PIN, .pin = &holder_pin, .proves = RIGHT_PIN},
};

typedef struct tickets {
    uint16_t drawn;
} tickets;

static status_word draw_ticket(card *c, const apdu_command *command, buffer *answer) {
    tickets *t = c->selected->state;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length > 0 || command->le < 2)
        return SW_WRONG_LENGTH;
    return buffer_append_u16(answer, ++t->drawn) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static const command_row commands[] = {
    {0x00, 0xA4, command_select}, {0x00, 0xB0, command_read_binary},
    {0x00, 0x20, command_verify}, {0x00, 0x24, command_change_reference_data},
    {0x80, 0x10, draw_ticket},
};

static const application_kind patient_number = {
    .name = "patient number",
    .folder = "apps/patient-number",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .state_size = sizeof(tickets),
};

extern const applet uketsuke_applet;
__attribute__((visibility("default"))) const applet uketsuke_applet = {APPLET_INTERFACE, &patient_number};

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of commands. */
#include "administration/administration.h"
#include "auditor/auditor.h"
#include "card/card_commands.h"
#include "core/pin_entry.h"
#include "delivery/purge.h"
#include "delivery/receptions.h"
#include "delivery/reconcile.h"
#include "delivery/visit_command.h"
#include "desk/command.h"
#include "desk/desk.h"
#include "operator/login.h"
#include "reception/reception.h"
#include "se/terminal_unlock.h"

/* clang-format off */
static const command commands[] = {
    {.line = {.name = "login", .help = N_("log in with the operator card and its PIN"), .takes = TAKES(PIN_FD)},
     .run = login_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .before_pin = login_before_pin, .prompt = PROMPT_PIN},
    {.line = {.name = "logout", .help = N_("end the session")},
     .run = logout_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "reception", .help = N_("check the patient on the patient reader, online or offline"),
              .takes = TAKES(IDENTIFIED) | TAKES(PIN_FD)},
     .run = reception_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .asks_when = reception_asks_for_pin, .before_pin = reception_before_pin, .prompt = PROMPT_PATIENT_PIN},
    {.line = {.name = "person", .help = N_("show the patient's name, address, birth date and sex from the card"),
              .takes = TAKES(PIN_FD)},
     .run = person_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .before_pin = person_before_pin, .prompt = PROMPT_CARD_DATA, .personal = true},
    {.line = {.name = "reconcile", .help = N_("have offline receptions confirmed by the platform")},
     .run = reconcile_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "receptions",
              .help = N_("receptions that need attention: changed, without coverage, refused")},
     .run = receptions_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "purge", .help = N_("remove persons whose retention is over (administrator)")},
     .run = purge_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "visit", .help = N_("sign and register the visit record (doctor)"),
              .takes = TAKES(SIGN_PIN_FD) | TAKES(EVIDENCE)},
     .run = visit_command, .needs_configuration = true, .resident = true, .asks = ASKS_SIGN_PIN,
     .before_pin = visit_before_pin, .prompt = PROMPT_SIGN_PIN},
    {.line = {.name = "status", .help = N_("show readers, SE, session and queued records")},
     .run = status_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "unlock", .help = N_("resume work after the SE was taken out and put back"),
              .takes = TAKES(PIN_FD)},
     .run = unlock_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN, .prompt = PROMPT_SE_PIN},
    {.line = {.name = "audit", .help = N_("show the audit log and check its chain")},
     .run = audit_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "audit export", .arguments = "FOLDER",
              .help = N_("write the audit log to a new folder for an auditor (administrator)")},
     .run = audit_export_command, .needs_configuration = true, .resident = true, .paths = true},
    {.line = {.name = "evidence verify", .arguments = "FILE|FOLDER",
              .help = N_("check evidence, and in a folder the chain"), .takes = TAKES(ANCHORS) | TAKES(PLATFORM_CVC)},
     .run = evidence_verify_command},
    {.line = {.name = "evidence show", .arguments = "FILE", .help = N_("print evidence to be read")},
     .run = evidence_show_command},
    {.line = {.name = "evidence export", .help = N_("write evidence to a folder for an auditor"),
              .takes = TAKES(EVIDENCE) | TAKES(FROM) | TAKES(TO) | TAKES(OUTPUT)},
     .run = evidence_export_command, .needs_configuration = true, .resident = true, .writes_files = true},
    {.line = {.name = "signature make", .arguments = "FILE",
              .help = N_("sign a file with the signature key of a card (CAdES)"),
              .takes = TAKES(SIGN_PIN_FD) | TAKES(OUTPUT) | TAKES(CARD) | TAKES(ATTACHED)},
     .run = signature_make_command, .needs_configuration = true, .resident = true, .asks = ASKS_SIGN_PIN,
     .before_pin = signature_before_pin, .prompt = PROMPT_SIGN_PIN, .paths = true},
    {.line = {.name = "signature verify", .arguments = "FILE", .help = N_("check such a signature"),
              .takes = TAKES(CONTENT) | TAKES(ANCHORS)},
     .run = signature_verify_command},
    {.line = {.name = "anchors show", .help = N_("show the trust anchors and what ends soon")},
     .run = anchors_show_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "anchors stage", .arguments = "FOLDER",
              .help = N_("check and stage a new set of trust anchors (administrator)")},
     .run = anchors_stage_command, .needs_configuration = true, .resident = true, .paths = true},
    {.line = {.name = "anchors apply", .help = N_("activate that set (another administrator)")},
     .run = anchors_apply_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "anchors revert", .help = N_("activate the previous set again (administrator)")},
     .run = anchors_revert_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "clock confirm", .help = N_("confirm a clock that is refused (two administrators)"),
              .takes = TAKES(PIN_FD)},
     .run = clock_confirm_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .prompt = PROMPT_PIN},
    {.line = {.name = "se replace", .arguments = "[abandon]",
              .help = N_("accept another SE, or this terminal's own after a new pairing (two administrators)"),
              .takes = TAKES(PIN_FD)},
     .run = se_replace_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .prompt = PROMPT_PIN},
    {.line = {.name = "limits show", .help = N_("show the limits of working offline and of sessions")},
     .run = limits_show_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "limits propose", .arguments = "NAME=VALUE",
              .help = N_("propose another limit (administrator)")},
     .run = limits_propose_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "limits confirm", .help = N_("activate the proposed limit (another administrator)")},
     .run = limits_confirm_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "enroll begin",
              .help = N_("make this terminal's keys on a blank SE; write requests for the CA"),
              .takes = TAKES(PIN_FD) | TAKES(OUTPUT)},
     .run = enroll_begin_command, .needs_configuration = true, .alone = true},
    {.line = {.name = "enroll finish", .arguments = "[FOLDER]",
              .help = N_("import the CA's answer into the SE, run the self-test, write a signed report"),
              .takes = TAKES(OUTPUT)},
     .run = enroll_finish_command, .needs_configuration = true, .alone = true},
    {.line = {.name = "enroll register",
              .help = N_("register at the platform and the history service again, if one was unavailable")},
     .run = enroll_register_command, .needs_configuration = true, .resident = true},
    {.line = {.name = "serve", .help = N_("run as daemon: watch the cards and run the other commands")},
     .run = serve_command, .needs_configuration = true, .alone = true},
};
/* clang-format on */

const command_line_program terminal_program = {
    .name = "uketsuke",
    .options = option_table,
    .option_count = OPTION_ROWS,
    .common = OPTIONS_OF_ALL,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .command_size = sizeof *commands,
    .notes = N_("Exit status: 0 done; 1 refused by a rule; 2 usage or configuration; 3 card, reader, PIN or SE;\n"
                "4 platform or history service; 5 internal.\n")};

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of commands. */
#include "administration/administration.h"
#include "auditor/auditor.h"
#include "card/card_commands.h"
#include "core/pin_entry.h"
#include "delivery/receptions.h"
#include "delivery/reconcile.h"
#include "delivery/visit_command.h"
#include "desk/command.h"
#include "desk/desk.h"
#include "operator/login.h"
#include "reception/reception.h"
#include "se/terminal_unlock.h"

/* clang-format off */
const command commands[] = {
    {.name = "login", .run = login_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .before_pin = login_before_pin,
     .prompt = PROMPT_PIN, .help = N_("log in with the operator card and its PIN")},
    {.name = "logout", .run = logout_command, .needs_configuration = true, .resident = true,
     .help = N_("end the session")},
    {.name = "reception", .run = reception_command, .needs_configuration = true, .resident = true,
     .help = N_("check the patient on the patient reader, online or offline")},
    {.name = "person", .run = person_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .before_pin = person_before_pin,
     .prompt = PROMPT_CARD_DATA, .personal = true,
     .help = N_("show the patient's name, address, birth date and sex from the card")},
    {.name = "reconcile", .run = reconcile_command, .needs_configuration = true, .resident = true,
     .help = N_("have offline receptions confirmed by the platform")},
    {.name = "receptions", .run = receptions_command, .needs_configuration = true, .resident = true,
     .help = N_("receptions that need attention: changed, without coverage, refused")},
    {.name = "visit", .run = visit_command, .needs_configuration = true, .resident = true, .asks = ASKS_SIGN_PIN,
     .before_pin = visit_before_pin,
     .prompt = PROMPT_SIGN_PIN, .help = N_("sign and register the visit record (doctor)")},
    {.name = "status", .run = status_command, .needs_configuration = true, .resident = true,
     .help = N_("show readers, SE, session and queued records")},
    {.name = "unlock", .run = unlock_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .prompt = PROMPT_SE_PIN, .help = N_("resume work after the SE was taken out and put back")},
    {.name = "audit", .run = audit_command, .needs_configuration = true, .resident = true,
     .help = N_("show the audit log and check its chain")},
    {.name = "audit export", .run = audit_export_command, .needs_configuration = true, .resident = true, .paths = true,
     .arguments = "FOLDER", .help = N_("write the audit log to a new folder for an auditor (administrator)")},
    {.name = "evidence verify", .run = evidence_verify_command, .arguments = "FILE|FOLDER",
     .help = N_("check evidence, and in a folder the chain")},
    {.name = "evidence show", .run = evidence_show_command, .arguments = "FILE",
     .help = N_("print evidence to be read")},
    {.name = "evidence export", .run = evidence_export_command, .needs_configuration = true, .resident = true,
     .writes_files = true,
     .help = N_("write evidence to a folder for an auditor")},
    {.name = "signature make", .run = signature_make_command, .needs_configuration = true, .resident = true,
     .asks = ASKS_SIGN_PIN, .before_pin = signature_before_pin, .prompt = PROMPT_SIGN_PIN, .paths = true,
     .arguments = "FILE", .help = N_("sign a file with the signature key of a card (CAdES)")},
    {.name = "signature verify", .run = signature_verify_command, .arguments = "FILE",
     .help = N_("check such a signature")},
    {.name = "anchors show", .run = anchors_show_command, .needs_configuration = true, .resident = true,
     .help = N_("show the trust anchors and what ends soon")},
    {.name = "anchors stage", .run = anchors_stage_command, .needs_configuration = true, .resident = true,
     .paths = true,
     .arguments = "FOLDER", .help = N_("check and stage a new set of trust anchors (administrator)")},
    {.name = "anchors apply", .run = anchors_apply_command, .needs_configuration = true, .resident = true,
     .help = N_("activate that set (another administrator)")},
    {.name = "anchors revert", .run = anchors_revert_command, .needs_configuration = true, .resident = true,
     .help = N_("activate the previous set again (administrator)")},
    {.name = "clock confirm", .run = clock_confirm_command, .needs_configuration = true, .resident = true,
     .asks = ASKS_PIN, .prompt = PROMPT_PIN,
     .help = N_("confirm a clock that is refused (two administrators)")},
    {.name = "se replace", .run = se_replace_command, .needs_configuration = true, .resident = true, .asks = ASKS_PIN,
     .prompt = PROMPT_PIN, .arguments = "[abandon]",
     .help = N_("accept another SE, or this terminal's own after a new pairing (two administrators)")},
    {.name = "limits show", .run = limits_show_command, .needs_configuration = true, .resident = true,
     .help = N_("show the limits of working offline and of sessions")},
    {.name = "limits propose", .run = limits_propose_command, .needs_configuration = true, .resident = true,
     .arguments = "NAME=VALUE", .help = N_("propose another limit (administrator)")},
    {.name = "limits confirm", .run = limits_confirm_command, .needs_configuration = true, .resident = true,
     .help = N_("activate the proposed limit (another administrator)")},
    {.name = "enroll begin", .run = enroll_begin_command, .needs_configuration = true, .alone = true,
     .help = N_("make this terminal's keys on a blank SE; write requests for the CA")},
    {.name = "enroll finish", .run = enroll_finish_command, .needs_configuration = true, .alone = true,
     .arguments = "[FOLDER]",
     .help = N_("import the CA's answer into the SE, run the self-test, write a signed report")},
    {.name = "enroll register", .run = enroll_register_command, .needs_configuration = true, .resident = true,
     .help = N_("register at the platform and the history service again, if one was unavailable")},
    {.name = "serve", .run = serve_command, .needs_configuration = true, .alone = true,
     .help = N_("run as daemon: watch the cards and run the other commands")},
    {.name = NULL},
};
/* clang-format on */

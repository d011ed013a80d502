/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands for the hospital's administrator: enrolment, trust anchors, the clock, the audit log, the status. */
#pragma once

#include "core/terminal.h"

/* `enroll --medium`: the whole enrolment in one command, which continues where it was stopped (enroll_medium.c). */
outcome enroll_medium_command(terminal *t);
/* `enroll begin`: makes the keys of this terminal on a blank SE and writes the requests for the CA. */
outcome enroll_begin_command(terminal *t);
/* `enroll finish`: imports the CA's answer, tests the SE, writes a signed report, registers the terminal. */
outcome enroll_finish_command(terminal *t);
/* `enroll register`: registers at the services where registration has not succeeded yet. */
outcome enroll_register_command(terminal *t);
/* `anchors show`: the trust anchors in force, and what ends soon. */
outcome anchors_show_command(terminal *t);
/* `anchors stage`: copies a new set beside the one in force and checks it. Administrators only. */
outcome anchors_stage_command(terminal *t);
/* `anchors apply`: puts the staged set in force. Refused to the administrator who staged it. */
outcome anchors_apply_command(terminal *t);
/* `anchors revert`: puts the previous set in force again. Administrators only. */
outcome anchors_revert_command(terminal *t);
/* `clock confirm`: the first administrator proposes, the second one confirms the time of this machine. */
outcome clock_confirm_command(terminal *t);
/* `se replace`: the first administrator proposes, the second one accepts the SE in the reader as this terminal's. */
outcome se_replace_command(terminal *t);
/* `limits show`: the limits in force, those that were decided, and those of the configuration. */
outcome limits_show_command(terminal *t);
/* `limits propose`: proposes one limit. It changes nothing yet. Administrators only. */
outcome limits_propose_command(terminal *t);
/* `limits confirm`: puts it in force. Refused to the administrator who proposed it. */
outcome limits_confirm_command(terminal *t);
/* `institutions show`: the other institutions whose operator cards are accepted, and in which roles. */
outcome institutions_show_command(terminal *t);
/* `institutions propose`: proposes one more, or one less. It changes nothing yet. Administrators only. */
outcome institutions_propose_command(terminal *t);
/* `institutions confirm`: puts it in force. Refused to the administrator who proposed it. */
outcome institutions_confirm_command(terminal *t);
/* `audit`: shows the audit log and checks its chain and its signed checkpoints. */
outcome audit_command(terminal *t);
/* `audit export`: writes the audit log and what proves it to a new folder. Administrators only. */
outcome audit_export_command(terminal *t);
/* `unlock card`: resumes work of a locked terminal with an administrator's card and PIN. */
outcome unlock_card_command(terminal *t);
/* `status`: readers, SE, session, clock and queued records. Fails like any command when SE or store cannot be
 * opened. */
outcome status_command(terminal *t);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands for the hospital's administrator: enrolment, trust anchors, the clock, the audit log, the state
 * of things. */
#pragma once

#include "core/terminal.h"

outcome enroll_begin_command(terminal *t);
outcome enroll_finish_command(terminal *t);
outcome enroll_register_command(terminal *t);
outcome anchors_show_command(terminal *t);
outcome anchors_stage_command(terminal *t);
outcome anchors_apply_command(terminal *t);
outcome anchors_revert_command(terminal *t);
outcome clock_confirm_command(terminal *t);
outcome se_replace_command(terminal *t);
outcome limits_show_command(terminal *t);
outcome limits_propose_command(terminal *t);
outcome limits_confirm_command(terminal *t);
outcome audit_command(terminal *t);
outcome audit_export_command(terminal *t);
outcome status_command(terminal *t);

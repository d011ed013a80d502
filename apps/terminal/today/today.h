/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands about the receptions of a day: lists, search, corrections, receptions without a card. */
#pragma once

#include "core/terminal.h"

/* `today`: the receptions of today, or of --from to --to, the newest first. A doctor sees those of the own department
 * and those that have none. */
outcome today_command(terminal *t);
/* `today find WORD...`: of all days, by name, kana, birth date, hospital number, reception number. */
outcome today_find_command(terminal *t);
/* `today show NUMBER`: one of them, shown again. */
outcome today_show_command(terminal *t);
/* `today amend NUMBER`: its hospital number, department, or what was said about the person. */
outcome today_amend_command(terminal *t);
/* `appointments`: the patients to be called before they come, today or from --from to --to; --all: also those who were
 * called. */
outcome appointments_command(terminal *t);
/* `appointments done NUMBER`: marks the patient as called by the operator who is logged in; --again: removes the
 * mark. */
outcome appointments_done_command(terminal *t);
/* `reception paper KIND`: a reception without a card. */
outcome reception_paper_command(terminal *t);

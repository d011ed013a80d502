/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everything for the demonstration and for tests of bad input, in one go. */
#pragma once

#include "ca_institution.h"

#define ISSUE_PARTIAL ".partial" /* behind the folder's name while an issue is not complete */

/* folder must not exist: RESULT_EXISTS. All is made in "<folder>.partial", renamed at the end: a failed or interrupted
 * issue never looks complete, and its files stay for inspection. with_extra: also cards and keys that must be refused,
 * for tests (a third of the time). */
result issue_everything(const char *folder, const institution_order *institution, bool with_extra);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each paper is called, in the user's language. */
#pragma once

#include "delivery/paper_record.h"

/* Lives as long as the process. */
const char *paper_title(paper_kind kind);

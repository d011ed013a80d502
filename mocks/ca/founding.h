/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A new office. */
#pragma once

#include "office.h"

/* Nothing is issued yet: authorities, CVC root and intermediate, CRLs. */
result office_found(office *o, const char *folder);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file that holds the Secure Element's activation PIN ([se] pin-file), so that the machine starts unattended. */
#pragma once

#include "core/report.h"

#include "base/buffer.h"

/* Appends the PIN: what the file holds without its line end, 1 to PIN_TYPED_MAX bytes. Refused (se-pin-file, file-open)
 * unless only its owner may read it, and no other user can change it. path "": the configuration names none. */
outcome se_pin_file_read(const char *path, buffer *pin, report *r);

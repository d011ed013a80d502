/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What holds for appointments of any file, and inputs that reach the limits of one. */
#pragma once

#include "fuzz.h"

#include "neighbours/appointment_file.h"

/* An empty one, for December 2026 of the institution 1312345678. */
appointment_file appointments_begin(void);

/* Ends the process when something was taken that no rule allows, or a fault is not told. */
void appointments_require(const appointment_file *file);

/* The file that an input stands for. It stands for itself; but with a marker in it (appointments_repeat), the part behind
 * that is there so many times. A file as large as APPOINTMENT_FILE_MAX is so an input of a few bytes. False: larger. */
bool appointments_expand(bytes input, buffer *out);
/* Appends the marker, the part, and its end. */
void appointments_repeat(buffer *input, size_t times, const char *part);

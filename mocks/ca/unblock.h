/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unblocking a PIN: the act of a municipal office, for which no command of the card is publicly known. It happens on
 * the image, while the card is in no reader. */
#pragma once

#include "office.h"

/* All tries of pin/<name> are there again; with new_value (a file, one line) the holder's new PIN too. *problem is what
 * to say on failure. RESULT_NOT_FOUND: no such card or PIN; RESULT_UNAVAILABLE: the card is in a reader;
 * RESULT_INVALID: the new value has not that PIN's form, or it is printed on the card and cannot change. */
result unblock_pin(office *o, const char *image_folder, const char *name, const char *new_value, const char **problem);

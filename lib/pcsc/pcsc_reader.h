/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inside lib/pcsc: readers by the beginning of their names. */
#pragma once

#include <winscard.h>

/* The first reader whose name begins so; "" for none. */
void pcsc_find_reader(SCARDCONTEXT context, const char *reader, char found[MAX_READERNAME]);

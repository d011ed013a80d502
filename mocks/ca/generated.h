/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cards for the people that `uketsuke-pf generate` prints (JSON Lines). */
#pragma once

#include "office.h"

/* A card for each line of the file, in folder/NAME where NAME is the serial of its certificate: the person's last one.
 * They are not added to persons.json: the platform gets the file itself. On failure *problem (static text) may say
 * more, *line which line. */
result generated_make_cards(office *o, const char *file, const char *folder, size_t *line, const char **problem);

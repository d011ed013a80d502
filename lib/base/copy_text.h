/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts into arrays of a structure. */
#pragma once

#include <stdio.h>

/* As much of the text as there is room for, and a NUL. array: an array of char, not a pointer. */
#define COPY_TEXT(array, text) snprintf((array), sizeof(array), "%s", (text))

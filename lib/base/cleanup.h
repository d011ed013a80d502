/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A variable that is cleaned wherever its block is left, the last one first: a function that takes several steps can
 * return at the first that fails.
 *
 *     CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_MAX);
 *
 * The function gets the variable's address, as buffer_wipe, token_close and certificate_free do. The variable must have
 * its first value in the declaration. When its content is handed on to another owner, set it to its empty value. GCC
 * manual, "Common Variable Attributes"; clang: the same. */
#pragma once

#define CLEANED_BY(function) __attribute__((cleanup(function)))

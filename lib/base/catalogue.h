/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A catalogue of translations: a .mo file, as GNU gettext's msgfmt makes it ("The Format of GNU MO Files" in its
 * manual). Not read by libc, because libc uses no catalogue unless the machine has a locale of that language. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define CATALOGUE_MAX (1024 * 1024) /* bytes of a file */

/* Borrows the file's content: the texts it gives point into it. */
typedef struct catalogue {
    bytes file;
    bool big_endian;
    uint32_t count;                   /* of messages */
    uint32_t originals, translations; /* offsets of both tables */
} catalogue;

/* Checks every text. RESULT_TRUNCATED: an offset is beyond the end. RESULT_INVALID: not a .mo file, or a text without
 * NUL. RESULT_UNSUPPORTED: a later revision. */
result catalogue_open(catalogue *c, bytes file);

/* The translation of this English text; of several plural forms the one with that number, from 0 on. english: for a
 * message with plural forms the singular. printed: what printf is called with in English, the plural if there is
 * one. NULL: there is none, or printf would take other arguments for it (a catalogue of another version, or a damaged
 * one). */
const char *catalogue_text(const catalogue *c, const char *english, const char *printed, size_t form);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The language of what people read. English stands in the program; translations come from catalogues of ours
 * (catalogue.h). Which locales the machine has is of no account: libc is never asked for one, so that sorting, numbers
 * and the words of other libraries stay as they are in the locale "C". Text is UTF-8 always.
 *
 * Each thread speaks a language of its own, English at first: a process that answers somebody else speaks that one's
 * language for as long as it takes. */
#pragma once

typedef struct language language;

/* Where the catalogues are: FOLDER/ja/LC_MESSAGES/NAME.mo. Both are kept by pointer. Once, before any thread; without
 * it everything is English. */
void language_begin(const char *folder, const char *name);

/* What the environment asks for: LC_ALL, LC_MESSAGES or LANG (POSIX 8.2), the first of them that is not empty. Where it
 * names a language at all (not "C", "POSIX" or "C.UTF-8"), LANGUAGE goes before it: a list of languages, the best one
 * first (GNU gettext, "Specifying a Priority List of Languages"). English when none of them is known. */
const language *language_wanted(void);
/* From outside: the language of this name. English when it is NULL or unknown. */
const language *language_named(const char *name);
/* "ja"; for language_named. */
const char *language_name(const language *spoken);

/* This thread speaks it from now on. Returns what it spoke before. A catalogue that cannot be read is told to the log
 * once; its language is English then. */
const language *language_speak(const language *spoken);
const language *language_spoken(void);

/* The text in this thread's language. It lives as long as the process. */
const char *language_text(const char *english) __attribute__((format_arg(1)));
/* The form for this number. */
const char *language_plural(const char *one, const char *many, unsigned long number)
    __attribute__((format_arg(1), format_arg(2)));

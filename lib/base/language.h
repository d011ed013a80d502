/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The language of messages. English is in the program; translations come from our catalogues (catalogue.h). The
 * machine's locales are not used: the process stays in the locale "C", so that sorting, numbers and messages of other
 * libraries do not change. Text is always UTF-8.
 *
 * Each thread has its own language, English at first: the daemon uses the client's language while it answers. */
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

/* Sets this thread's language and returns the former one. A catalogue that cannot be read is logged once; its language
 * is English then. */
const language *language_speak(const language *spoken);
const language *language_spoken(void);

/* The text in this thread's language. It lives as long as the process. */
const char *language_text(const char *english) __attribute__((format_arg(1)));
/* The form for this number. */
const char *language_plural(const char *one, const char *many, unsigned long number)
    __attribute__((format_arg(1), format_arg(2)));

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/language.h"

#include "base/catalogue.h"
#include "base/file.h"
#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A catalogue is read when its language is first used, and kept. */
struct language {
    const char *name;
    bool tried, readable;
    catalogue messages;
};

/* The first one is the program's own. All others have one form for every number (Plural-Forms: nplurals=1); one that
 * has more needs its rule here. */
static language known[] = {{.name = "en", .tried = true}, {.name = "ja"}};
#define KNOWN_COUNT (sizeof known / sizeof *known)

static const char *catalogue_folder, *catalogue_name;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local const language *ours;

void language_begin(const char *folder, const char *name) {
    catalogue_folder = folder;
    catalogue_name = name;
}

/* --- which one ---------------------------------------------------------------------------------------------------- */

/* The length of the language in a locale's name: language[_territory][.codeset][@modifier] (POSIX 8.2). */
static size_t language_length(const char *locale) {
    return strcspn(locale, "_.@:");
}

/* NULL: not known. */
static const language *find(const char *name, size_t length) {
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strlen(known[i].name) == length && strncmp(known[i].name, name, length) == 0)
            return &known[i];
    return NULL;
}

/* "C", "POSIX", and C with a codeset: no language is asked for. */
static bool is_no_language(const char *locale) {
    const size_t length = language_length(locale);
    return (length == 1 && *locale == 'C') || (length == 5 && strncmp(locale, "POSIX", length) == 0);
}

static const char *messages_locale(void) {
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && *value != 0)
            return value;
    }
    return "C";
}

const language *language_wanted(void) {
    const char *locale = messages_locale(), *list = getenv("LANGUAGE");
    if (is_no_language(locale) || list == NULL || *list == 0)
        list = locale;
    const language *found = NULL;
    while (found == NULL && !is_no_language(list)) {
        found = find(list, language_length(list));
        list += strcspn(list, ":");
        if (*list == 0)
            break;
        list++;
    }
    return found != NULL ? found : known;
}

const language *language_named(const char *name) {
    const language *found = name != NULL ? find(name, strlen(name)) : NULL;
    return found != NULL ? found : known;
}

const char *language_name(const language *spoken) {
    return spoken->name;
}

/* --- speaking ----------------------------------------------------------------------------------------------------- */

static void read_catalogue(language *l) {
    char path[PATH_MAX];
    buffer file = BUFFER_INIT(CATALOGUE_MAX);
    result code = RESULT_TOO_LONG;
    l->tried = true;
    if (snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/%s.mo", catalogue_folder, l->name, catalogue_name) <
        (int)sizeof path)
        code = file_read(path, &file);
    if (code == RESULT_OK)
        code = catalogue_open(&l->messages, buffer_bytes(&file));
    l->readable = code == RESULT_OK;
    if (l->readable)
        return;
    log_warning("the translations in %s cannot be read (%s); messages are in English. Install Uketsuke again.", path,
                result_text(code));
    buffer_wipe(&file);
}

const language *language_speak(const language *spoken) {
    const language *before = language_spoken();
    language *l = &known[spoken - known];
    pthread_mutex_lock(&reading);
    if (!l->tried && catalogue_folder != NULL)
        read_catalogue(l);
    pthread_mutex_unlock(&reading);
    ours = spoken;
    return before;
}

const language *language_spoken(void) {
    return ours != NULL ? ours : known;
}

const char *language_text(const char *english) {
    const language *l = language_spoken();
    const char *text = l->readable ? catalogue_text(&l->messages, english, english, 0) : NULL;
    return text != NULL ? text : english;
}

const char *language_plural(const char *one, const char *many, unsigned long number) {
    const language *l = language_spoken();
    const char *text = l->readable ? catalogue_text(&l->messages, one, many, 0) : NULL;
    return text != NULL ? text : number == 1 ? one : many;
}

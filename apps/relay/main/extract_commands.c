/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/extract_commands.h"

#include "main/extract_control.h"
#include "main/relay_commands.h"
#include "main/relay_control.h"

#include "base/log.h"
#include "delivery/desk_note.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MAX 100000

/* --- asking the relay --------------------------------------------------------------------------------------------- */

/* The JSON object after "ok". NULL: the log says why there is none. */
static json_t *ask(const program_arguments *a, const char *word, const char *argument) {
    buffer line = BUFFER_INIT(256), answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    json_t *root = NULL;
    result code = buffer_append_format(&line, "%s %s\n", word, argument);
    if (code == RESULT_OK)
        code = relay_command_ask(a, buffer_bytes(&line), &answer);
    const char *text = buffer_text(&answer);
    if (code == RESULT_OK && strncmp(text, "ok\n", 3) == 0)
        root = json_loads(text + 3, 0, NULL);
    else if (code == RESULT_OK && strncmp(text, "off\n", 4) == 0)
        log_error("this relay notes nothing about patients. Set [extract] keep-days, and start it again.");
    else if (code == RESULT_OK)
        log_error("the relay cannot read what it has noted. Its log says why.");
    buffer_wipe(&line);
    buffer_wipe(&answer);
    return root;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* --- list --------------------------------------------------------------------------------------------------------- */

static void print_number(const json_t *one) {
    static const char *const parts[] = {"insurer", "symbol", "number", "branch"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (*text_of(one, parts[i]) != 0)
            printf(" %s", text_of(one, parts[i]));
}

static void print_why(const json_t *one) {
    const json_t *why;
    size_t i;
    json_array_foreach(json_object_get(one, "why"), i, why) {
        printf("    %s: %s (%s)\n", text_of(why, "word"), text_of(why, "ja"), text_of(why, "en"));
    }
}

/* The reception is named as at the desk. */
static void print_one(const json_t *one) {
    char number[RECEPTION_NUMBER_SIZE];
    const char *about = text_of(one, "askAbout"), *finding = text_of(one, "finding");
    reception_number(text_of(one, "evidence"), number);
    printf("%-10s  %s  %s", text_of(one, "terminal"), number, text_of(one, "state"));
    if (*about != 0)
        printf(" for %s", about);
    if (*finding != 0)
        printf(": %s", finding);
    print_number(one);
    putchar('\n');
    print_why(one);
}

static result read_pages(const program_arguments *a, json_t *all) {
    char cursor[64] = "";
    for (int i = 0; i < PAGES_MAX; i++) {
        json_t *page = ask(a, EXTRACT_LIST_LINE, cursor);
        if (page == NULL)
            return RESULT_UNAVAILABLE;
        json_array_extend(all, json_object_get(page, "patients"));
        snprintf(cursor, sizeof cursor, "%s", text_of(page, "more"));
        json_decref(page);
        if (*cursor == 0)
            return RESULT_OK;
    }
    return RESULT_TOO_LONG;
}

result extract_command_list(const program_arguments *a) {
    json_t *all = json_array(), *one;
    size_t i;
    const result code = read_pages(a, all);
    if (code == RESULT_OK && a->json) {
        char *text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
        if (text != NULL)
            puts(text);
        free(text);
    } else if (code == RESULT_OK) {
        json_array_foreach(all, i, one) {
            print_one(one);
        }
        printf("%zu patients\n", json_array_size(all));
    }
    json_decref(all);
    return code;
}

/* --- query -------------------------------------------------------------------------------------------------------- */

result extract_command_query(const program_arguments *a) {
    json_t *root = ask(a, EXTRACT_QUERY_LINE, "");
    if (root == NULL)
        return RESULT_UNAVAILABLE;
    const bool up = strcmp(text_of(root, "platform"), "up") == 0;
    if (a->json)
        printf("{\"platform\":\"%s\"}\n", text_of(root, "platform"));
    else
        puts(up ? "the platform is asked now" : "the platform is asked as soon as it can be reached");
    json_decref(root);
    return RESULT_OK;
}

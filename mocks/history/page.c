/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "page.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 200

static const char head[] =
    "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>受診記録 / visit records</title><style>"
    "body{font-family:sans-serif;margin:2em;line-height:1.5}table{border-collapse:collapse}"
    "td,th{border:1px solid #767676;padding:.3em .6em;text-align:left}th{background:#eee}"
    "code{font-size:90%}.rejected{font-weight:bold}</style></head><body><h1>受診記録の登録状態 / visit records</h1>";

static const struct {
    const char *name, *words;
} states[] = {{"received", "受信"},
              {"verified", "検証済"},
              {"registered", "登録済"},
              {"duplicate", "重複"},
              {"rejected", "却下"}};

static const char *words_of(const char *state) {
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].name, state) == 0)
            return states[i].words;
    return NULL;
}

static void write_counts(const history_counts *c, buffer *html) {
    const int64_t counts[] = {c->received, c->verified, c->registered, c->duplicate, c->rejected};
    buffer_append_format(html, "<p>登録済の受診 / visits: <strong>%lld</strong></p><nav><a href=\"/\">すべて / all</a>",
                         (long long)c->visits);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        buffer_append_format(html, " · <a href=\"/?state=%s\">%s / %s</a>: %lld", states[i].name, states[i].words,
                             states[i].name, (long long)counts[i]);
    buffer_append_text(html, "</nav>");
}

static void write_cell(buffer *html, const char *text) {
    buffer_append_text(html, "<td>");
    http_page_text(html, *text ? text : "–");
    buffer_append_text(html, "</td>");
}

static void write_row(const history_submission *s, buffer *html) {
    char received[CLOCK_TEXT_SIZE];
    clock_text(s->received_at, received);
    const char *words = words_of(s->state);
    buffer_append_format(html, "<tr><td>%s</td><td class=\"%s\">%s / %s</td>", received, words ? s->state : "",
                         words ? words : "?", words ? s->state : "?");
    const char *const cells[] = {s->visit_id,    s->link_id,     s->institution_code,
                                 s->terminal_id, s->operator_id, s->reason};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        write_cell(html, cells[i]);
    buffer_append_text(html, "</tr>");
}

static const char table[] = "<table><thead><tr><th>受信時刻 / received</th><th>状態 / state</th><th>受診 / visit</th>"
                            "<th>紐づけID / link id</th><th>医療機関 / institution</th><th>端末 / terminal</th>"
                            "<th>医師 / doctor</th><th>理由 / reason</th></tr></thead><tbody>";

result page_write(void *context, const char *state, buffer *html) {
    history_store *store = context;
    history_counts counts;
    size_t count = 0;
    history_submission *list = calloc(LISTED_MAX, sizeof *list);
    const char *chosen = words_of(state) ? state : ""; /* anything else shows all */
    result outcome = list ? history_store_count(store, &counts) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK)
        outcome = history_store_list(store, chosen, list, LISTED_MAX, &count);
    if (outcome == RESULT_OK) {
        buffer_append_text(html, head);
        write_counts(&counts, html);
        buffer_append_format(html, "<h2>%s (%zu)</h2>", *chosen ? words_of(chosen) : "すべて / all", count);
        buffer_append_text(html, table);
        for (size_t i = 0; i < count; i++)
            write_row(&list[i], html);
        buffer_append_text(html, "</tbody></table></body></html>\n");
        outcome = html->failed;
    }
    free(list);
    return outcome;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "page.h"

#include "base/clock.h"
#include "net/http_document.h"

#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 200

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
    const http_bar bars[] = {{"受信 / received", c->received},
                             {"検証済 / verified", c->verified},
                             {"登録済 / registered", c->registered},
                             {"重複 / duplicate", c->duplicate},
                             {"却下 / rejected", c->rejected}};
    buffer_append_format(html, "<p>登録済の受診 / visits: <strong>%lld</strong></p>", (long long)c->visits);
    http_document_bars(html, "登録状態 / states", bars, sizeof bars / sizeof *bars);
    buffer_append_text(html, "<nav><a href=\"/\">すべて / all</a>");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        buffer_append_format(html, "<a href=\"/?state=%s\">%s / %s</a>", states[i].name, states[i].words,
                             states[i].name);
    buffer_append_text(html, "</nav>");
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
        http_document_cell(html, cells[i]);
    buffer_append_text(html, "</tr>");
}

static const char table[] =
    "<div class=\"wide\"><table><thead><tr><th>受信時刻 / received</th><th>状態 / state</th><th>受診 / visit</th>"
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
        http_document_begin(html, "受診記録の登録状態 / visit records");
        write_counts(&counts, html);
        buffer_append_format(html, "<h2>%s (%zu)</h2>", *chosen ? words_of(chosen) : "すべて / all", count);
        buffer_append_text(html, table);
        for (size_t i = 0; i < count; i++)
            write_row(&list[i], html);
        buffer_append_text(html, "</tbody></table></div>");
        http_document_end(html);
        outcome = html->failed;
    }
    free(list);
    return outcome;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "platform_page.h"

#include "base/clock.h"
#include "net/http_document.h"
#include "store/platform_store.h"

#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 50

static void write_counts(const platform_counts *c, buffer *html) {
    const http_bar bars[] = {{"オンライン / online", c->answers_online},
                             {"オフライン / offline", c->answers_offline},
                             {"拒否 / refused", c->refusals}};
    buffer_append_format(html,
                         "<p>登録者 / people: <strong>%lld</strong> · 資格 / coverages: <strong>%lld</strong></p>",
                         (long long)c->people, (long long)c->coverages);
    http_document_bars(html, "回答 / answers", bars, sizeof bars / sizeof *bars);
}

static void write_row(const platform_answer *a, buffer *html) {
    char at[CLOCK_TEXT_SIZE];
    clock_text(a->at, at);
    const char *const cells[] = {at, a->evidence_id, a->mode, a->institution_code, a->terminal_id, a->validity};
    buffer_append_text(html, "<tr>");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        http_document_cell(html, cells[i]);
    buffer_append_text(html, "</tr>");
}

static const char *const modes[] = {"online", "offline"};

/* mode: of which answers; anything that is none shows all. */
static result write_page(void *context, const char *mode, buffer *html) {
    platform_store *store = context;
    platform_counts counts;
    size_t count = 0;
    const char *chosen = "";
    platform_answer *list = calloc(LISTED_MAX, sizeof *list);
    result code = list != NULL ? platform_store_count(store, &counts) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = platform_store_list_answers(store, list, LISTED_MAX, &count);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        chosen = strcmp(mode, modes[i]) == 0 ? modes[i] : chosen;
    if (code == RESULT_OK) {
        http_document_begin(html, "資格確認の回答 / eligibility answers");
        write_counts(&counts, html);
        buffer_append_text(html, "<nav><a href=\"/\">すべて / all</a><a href=\"/?mode=online\">オンライン / online</a>"
                                 "<a href=\"/?mode=offline\">オフライン / offline</a></nav><div class=\"wide\"><table>"
                                 "<thead><tr><th>時刻 / time</th><th>証跡 / evidence</th><th>方式 / mode</th>"
                                 "<th>医療機関 / institution</th><th>端末 / terminal</th><th>資格 / coverage</th></tr>"
                                 "</thead><tbody>");
        for (size_t i = 0; i < count; i++)
            if (*chosen == 0 || strcmp(list[i].mode, chosen) == 0)
                write_row(&list[i], html);
        buffer_append_text(html, "</tbody></table></div>");
        http_document_end(html);
        code = html->failed;
    }
    free(list);
    return code;
}

const http_page_path platform_pages[] = {{"/", HTTP_PAGE_HTML, "mode", write_page}, {NULL, NULL, NULL, NULL}};

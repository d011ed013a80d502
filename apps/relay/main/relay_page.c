/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_page.h"

#include "main/relay_metrics.h"

#include "net/http_document.h"
#include "net/http_page.h"

#include <stdlib.h>
#include <string.h>

#define METRICS_MAX ((size_t)256 * 1024)
#define HELP "# HELP "
#define PREFIX "uketsuke_relay_"
#define BARS_MAX 8
#define QUEUED PREFIX "queued{" /* also drawn as bars */

static const char *without_prefix(const char *name) {
    return strncmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX) : name;
}

/* "NAME VALUE", NAME with its labels. false: a comment, or an empty line. */
static bool split_sample(char *line, char **value) {
    *value = *line != '#' ? strrchr(line, ' ') : NULL;
    if (*value == NULL)
        return false;
    *(*value)++ = 0;
    return true;
}

static void write_line(char *line, const char **help, buffer *html) {
    char *value, *text;
    if (strncmp(line, HELP, strlen(HELP)) == 0) {
        text = strchr(line + strlen(HELP), ' ');
        *help = text != NULL ? text + 1 : "";
    } else if (split_sample(line, &value)) {
        buffer_append_text(html, "<tr>");
        http_document_cell(html, without_prefix(line));
        http_document_cell(html, value);
        http_document_cell(html, *help);
        buffer_append_text(html, "</tr>");
    }
}

/* A bar for each service: the number of its queued calls. */
static void write_bars(const char *metrics, buffer *html) {
    char names[BARS_MAX][32];
    http_bar bars[BARS_MAX];
    size_t count = 0;
    for (const char *at = strstr(metrics, "\n" QUEUED); at != NULL && count < BARS_MAX;
         at = strstr(at + 1, "\n" QUEUED)) {
        const char *name = strchr(at, '"'), *value = strchr(at + 1, ' ');
        if (name == NULL || value == NULL)
            continue;
        const size_t length = strcspn(name + 1, "\"\n");
        const size_t kept = length < sizeof names[0] ? length : sizeof names[0] - 1;
        memcpy(names[count], name + 1, kept);
        names[count][kept] = 0;
        bars[count] = (http_bar){names[count], strtoll(value, NULL, 10)};
        count++;
    }
    if (count > 0)
        http_document_bars(html, "送信待ち / waiting to be sent", bars, count);
}

static result write_all(const char *health, char *metrics, buffer *html) {
    const char *help = "";
    char *rest = metrics;
    http_document_begin(html, "院内中継 / relay");
    buffer_append_text(html, "<p>状態 / health: <strong>");
    http_document_text(html, health);
    buffer_append_text(html, "</strong> · <a href=\"/\">更新 / again</a></p>");
    write_bars(metrics, html);
    buffer_append_text(html, "<div class=\"wide\"><table><thead><tr><th>項目 / figure</th><th>値 / value</th>"
                             "<th>説明 / meaning</th></tr></thead><tbody>");
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        write_line(line, &help, html);
    buffer_append_text(html, "</tbody></table></div>");
    http_document_end(html);
    return html->failed;
}

result relay_page_write(struct relay_service *service, buffer *html) {
    buffer metrics = BUFFER_INIT(METRICS_MAX), health = BUFFER_INIT(64);
    result code = relay_metrics_write(service, &metrics);
    if (code == RESULT_OK)
        code = relay_health_write(service, &health);
    if (code == RESULT_OK)
        code = buffer_append_u8(&metrics, 0);
    if (code == RESULT_OK)
        code = write_all(buffer_text(&health), (char *)metrics.data, html);
    buffer_wipe(&metrics);
    buffer_wipe(&health);
    return code;
}

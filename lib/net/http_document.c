/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_document.h"

#define BAR_MAX 300
#define BAR_HEIGHT 20
#define BAR_STEP 28
#define NAME_WIDTH 240
#define VALUE_WIDTH 120

/* Contrast 4.5:1 at least (WCAG 2.2, 1.4.3), also of what is drawn; no meaning by colour alone. */
const char http_document_style[] =
    ":root{color-scheme:light;color:#111820;background:#fff}\n"
    "body{margin:0 auto;max-width:80rem;padding:1rem;line-height:1.6;"
    "font-family:\"BIZ UDPGothic\",\"BIZ UDGothic\",\"Noto Sans CJK JP\",sans-serif}\n"
    "h1{font-size:1.5rem}h2{font-size:1.2rem}a{color:#00447c}\n"
    "a:focus-visible{outline:4px solid #00447c;outline-offset:3px}\n"
    "nav a{display:inline-block;min-height:24px;padding:.2rem .4rem}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse}\n"
    "td,th{border:1px solid #7a8794;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#eef2f6}\n"
    ".rejected{font-weight:bold;text-decoration:underline}svg{max-width:100%;height:auto}\n"
    "svg rect{fill:#00447c}svg text{fill:#111820;font-size:14px}\n"
    "@media (forced-colors:active){svg rect{fill:CanvasText}svg text{fill:CanvasText}}\n";

result http_document_text(buffer *html, const char *text) {
    static const struct {
        char character;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (; *text; text++) {
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
            if (entities[i].character == *text)
                entity = entities[i].entity;
        if (entity)
            buffer_append_text(html, entity);
        else
            buffer_append_u8(html, (uint8_t)*text);
    }
    return html->failed;
}

void http_document_begin(buffer *html, const char *title) {
    buffer_append_text(html, "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                             "content=\"width=device-width, initial-scale=1\"><title>");
    http_document_text(html, title);
    buffer_append_text(html, "</title><link rel=\"stylesheet\" href=\"" HTTP_DOCUMENT_STYLE_PATH
                             "\"></head><body><main><h1>");
    http_document_text(html, title);
    buffer_append_text(html, "</h1>");
}

void http_document_end(buffer *html) {
    buffer_append_text(html, "</main></body></html>\n");
}

static int64_t largest(const http_bar *bars, size_t count) {
    int64_t most = 1;
    for (size_t i = 0; i < count; i++)
        if (bars[i].value > most)
            most = bars[i].value;
    return most;
}

void http_document_bars(buffer *html, const char *title, const http_bar *bars, size_t count) {
    const int64_t most = largest(bars, count);
    buffer_append_format(html,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\" "
                         "role=\"img\"><title>",
                         NAME_WIDTH + BAR_MAX + VALUE_WIDTH, count * BAR_STEP, NAME_WIDTH + BAR_MAX + VALUE_WIDTH,
                         count * BAR_STEP);
    http_document_text(html, title);
    buffer_append_text(html, "</title>");
    for (size_t i = 0; i < count; i++) {
        const int length = (int)((double)bars[i].value / (double)most * BAR_MAX);
        const size_t top = i * BAR_STEP;
        buffer_append_format(html, "<text x=\"0\" y=\"%zu\">", top + BAR_HEIGHT - 4);
        http_document_text(html, bars[i].name);
        buffer_append_format(html,
                             "</text><rect x=\"%d\" y=\"%zu\" width=\"%d\" height=\"%d\"></rect><text x=\"%d\" "
                             "y=\"%zu\">%lld</text>",
                             NAME_WIDTH, top, length, BAR_HEIGHT, NAME_WIDTH + length + 8, top + BAR_HEIGHT - 4,
                             (long long)bars[i].value);
    }
    buffer_append_text(html, "</svg>");
}

void http_document_cell(buffer *html, const char *text) {
    buffer_append_text(html, "<td>");
    http_document_text(html, *text != 0 ? text : "–");
    buffer_append_text(html, "</td>");
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What pages for people have in common: the frame, the style sheet (HTTP_DOCUMENT_STYLE_PATH, which http_page serves),
 * numbers as bars. Readable without a script and without the style sheet; nothing inline, so that the policy can forbid
 * that. Each appends to html; failures stay in it. */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

#define HTTP_DOCUMENT_STYLE_PATH "/style.css"
#define HTTP_DOCUMENT_STYLE_TYPE "text/css; charset=utf-8"

extern const char http_document_style[];

typedef struct http_bar {
    const char *name; /* for people */
    int64_t value;    /* at least 0 */
} http_bar;

/* Appends text with the five characters of HTML written as entities. */
result http_document_text(buffer *html, const char *text);
/* The title is the heading, too. */
void http_document_begin(buffer *html, const char *title);
void http_document_end(buffer *html);
/* A chart (SVG) whose longest bar is the largest value, and the numbers themselves as text in it. */
void http_document_bars(buffer *html, const char *title, const http_bar *bars, size_t count);
/* <td>, with a dash for an empty text. */
void http_document_cell(buffer *html, const char *text);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/slip_pdf.h"

#include <hpdf.h>
#include <stdio.h>
#include <string.h>

/* A6 upright, in points. */
#define WIDTH 298.0F
#define HEIGHT 420.0F
#define MARGIN 24.0F
#define TITLE_SIZE 16.0F
#define LABEL_SIZE 8.0F
#define TEXT_SIZE 12.0F
#define LEADING 15.0F
#define SHOWN_MAX 256 /* bytes of a text: a longer one would leave the paper */

/* libharu reports here, and remembers the error itself. */
static void note_error(HPDF_STATUS code, HPDF_STATUS detail, void *context) {
    (void)code;
    (void)detail;
    (void)context;
}

/* The beginning of a text that has room, cut between two characters. */
static void shorten(const char *text, char out[SHOWN_MAX + 1]) {
    size_t length = strlen(text);
    if (length > SHOWN_MAX)
        for (length = SHOWN_MAX; length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80;)
            length--;
    memcpy(out, text, length);
    out[length] = 0;
}

/* Lines of one text, broken where the paper ends; returns the height that is left. */
static float put_text(HPDF_Page page, HPDF_Font font, float size, float top, const char *text) {
    char shown[SHOWN_MAX + 1], line[SHOWN_MAX + 1];
    shorten(text, shown);
    HPDF_Page_SetFontAndSize(page, font, size);
    for (const char *at = shown; *at != 0 && top > MARGIN;) {
        HPDF_REAL width;
        HPDF_UINT fits = HPDF_Page_MeasureText(page, at, WIDTH - 2 * MARGIN, HPDF_FALSE, &width);
        while (fits > 0 && ((uint8_t)at[fits] & 0xC0) == 0x80)
            fits--;
        if (fits == 0)
            break;
        snprintf(line, sizeof line, "%.*s", (int)fits, at);
        HPDF_Page_BeginText(page);
        HPDF_Page_TextOut(page, MARGIN, top, line);
        HPDF_Page_EndText(page);
        top -= size + LEADING - TEXT_SIZE;
        at += fits;
    }
    return top;
}

static void draw(HPDF_Doc document, HPDF_Font font, const slip *s) {
    HPDF_Page page = HPDF_AddPage(document);
    HPDF_Page_SetWidth(page, WIDTH);
    HPDF_Page_SetHeight(page, HEIGHT);
    float top = put_text(page, font, TITLE_SIZE, HEIGHT - MARGIN - TITLE_SIZE, s->title) - LEADING / 2;
    for (size_t i = 0; i < s->count; i++) {
        if (s->lines[i].text[0] == 0)
            continue;
        top = put_text(page, font, LABEL_SIZE, top, s->lines[i].label);
        top = put_text(page, font, TEXT_SIZE, top, s->lines[i].text) - LEADING / 4;
    }
}

static result take_file(HPDF_Doc document, buffer *file) {
    if (HPDF_SaveToStream(document) != HPDF_OK)
        return RESULT_NO_MEMORY;
    const HPDF_UINT32 length = HPDF_GetStreamSize(document);
    HPDF_ResetStream(document);
    uint8_t *place = buffer_extend(file, length);
    HPDF_UINT32 got = length;
    return place != NULL && HPDF_ReadFromStream(document, place, &got) == HPDF_OK && got == length ? RESULT_OK
                                                                                                   : RESULT_TOO_LONG;
}

result slip_pdf_write(const slip *s, buffer *file) {
    HPDF_Doc document = HPDF_New(note_error, NULL);
    result code = document != NULL ? RESULT_OK : RESULT_NO_MEMORY;
    if (code == RESULT_OK) {
        HPDF_UseUTFEncodings(document);
        HPDF_SetCompressionMode(document, HPDF_COMP_ALL);
        const char *name = HPDF_LoadTTFontFromFile(document, SLIP_FONT, HPDF_TRUE);
        HPDF_Font font = name != NULL ? HPDF_GetFont(document, name, "UTF-8") : NULL;
        code = font != NULL ? RESULT_OK : RESULT_UNSUPPORTED;
        if (code == RESULT_OK)
            draw(document, font, s);
        if (code == RESULT_OK)
            code = HPDF_GetError(document) == HPDF_OK ? take_file(document, file) : RESULT_INTERNAL;
        HPDF_Free(document);
    }
    return code;
}

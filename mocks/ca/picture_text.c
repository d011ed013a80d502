/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "picture.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <png.h>
#include <stdlib.h>

#define CHARACTERS_MAX 128
#define HEIGHT_MAX 64

/* A canvas of one byte per pixel, 0 black, 1 white: libpng packs it. */
typedef struct canvas {
    unsigned width, height;
    uint8_t *pixels;
} canvas;

/* The next character of well-formed UTF-8 (RFC 3629); 0 at the end. */
static FT_ULong next_character(const char **text) {
    const uint8_t *at = (const uint8_t *)*text;
    unsigned more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0;
    FT_ULong character = more == 0 ? *at : *at & (0x3Fu >> more);
    if (*at == 0)
        return 0;
    for (at++; more > 0 && (*at & 0xC0) == 0x80; more--)
        character = character << 6 | (*at++ & 0x3F);
    *text = (const char *)at;
    return character;
}

static void draw(const canvas *c, const FT_Bitmap *glyph, int left, int top) {
    for (unsigned row = 0; row < glyph->rows; row++) {
        for (unsigned column = 0; column < glyph->width; column++) {
            int x = left + (int)column, y = top + (int)row;
            bool ink = glyph->buffer[row * (unsigned)glyph->pitch + column / 8] >> (7 - column % 8) & 1;
            if (ink && x >= 0 && y >= 0 && x < (int)c->width && y < (int)c->height)
                c->pixels[(unsigned)y * c->width + (unsigned)x] = 0;
        }
    }
}

/* How far the text reaches; draws it when the canvas has pixels. */
static result set_line(FT_Face face, const char *text, const canvas *c, unsigned *width) {
    FT_Pos pen = 0;
    int baseline = (int)c->height - (int)c->height / 6;
    unsigned count = 0;
    for (FT_ULong character; (character = next_character(&text)) != 0 && count < CHARACTERS_MAX; count++) {
        if (FT_Load_Char(face, character, FT_LOAD_RENDER | FT_LOAD_TARGET_MONO) != 0)
            return RESULT_INTERNAL;
        FT_GlyphSlot slot = face->glyph;
        if (c->pixels != NULL)
            draw(c, &slot->bitmap, (int)(pen >> 6) + slot->bitmap_left, baseline - slot->bitmap_top);
        pen += slot->advance.x;
    }
    *width = (unsigned)(pen >> 6);
    return RESULT_OK;
}

static void png_to_buffer(png_structp png, png_bytep data, size_t length) {
    if (buffer_append(png_get_io_ptr(png), bytes_of(data, length)) != RESULT_OK)
        png_error(png, "the picture is too large");
}

static void png_flush_nothing(png_structp png) {
    (void)png;
}

static result write_png(const canvas *c, buffer *out) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL || setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_write_struct(&png, &info);
        return RESULT_INTERNAL;
    }
    png_set_write_fn(png, out, png_to_buffer, png_flush_nothing);
    png_set_IHDR(png, info, c->width, c->height, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    png_set_packing(png);
    for (unsigned row = 0; row < c->height; row++)
        png_write_row(png, c->pixels + row * c->width);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return RESULT_OK;
}

static result draw_line(FT_Face face, const char *text, canvas *c, buffer *png) {
    unsigned reach = 0;
    result r = set_line(face, text, c, &reach);
    if (c->width == 0)
        c->width = reach > 0 ? reach : 1;
    if (r == RESULT_OK && (c->pixels = malloc((size_t)c->width * c->height)) == NULL)
        r = RESULT_NO_MEMORY;
    if (r == RESULT_OK && reach > c->width && FT_Set_Pixel_Sizes(face, c->height * c->width / reach, c->height) != 0)
        r = RESULT_INTERNAL;
    for (size_t i = 0; r == RESULT_OK && i < (size_t)c->width * c->height; i++)
        c->pixels[i] = 1;
    if (r == RESULT_OK)
        r = set_line(face, text, c, &reach);
    if (r == RESULT_OK)
        r = write_png(c, png);
    free(c->pixels);
    return r;
}

result picture_of_text(const char *text, unsigned height, unsigned width, buffer *png) {
    canvas c = {.width = width, .height = height};
    FT_Library library = NULL;
    FT_Face face = NULL;
    if (height == 0 || height > HEIGHT_MAX)
        return RESULT_INVALID;
    bool ready = FT_Init_FreeType(&library) == 0 && FT_New_Face(library, CARD_FONT, 0, &face) == 0 &&
                 FT_Set_Pixel_Sizes(face, 0, height) == 0;
    result r = ready ? draw_line(face, text, &c, png) : RESULT_NOT_FOUND;
    FT_Done_Face(face);
    FT_Done_FreeType(library);
    return r;
}

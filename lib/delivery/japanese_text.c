/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/japanese_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uninorm.h>
#include <unistr.h>

#define HIRAGANA_FIRST 0x3041
#define HIRAGANA_LAST 0x3096
#define HIRAGANA_TO_KATAKANA 0x60
#define MIDDLE_DOT 0x30FB

/* Small kana and the large one of each (Unicode block Katakana, U+30A1 to U+30F6). */
static const ucs4_t small_kana[][2] = {{0x30A1, 0x30A2}, {0x30A3, 0x30A4}, {0x30A5, 0x30A6}, {0x30A7, 0x30A8},
                                       {0x30A9, 0x30AA}, {0x30C3, 0x30C4}, {0x30E3, 0x30E4}, {0x30E5, 0x30E6},
                                       {0x30E7, 0x30E8}, {0x30EE, 0x30EF}, {0x30F5, 0x30AB}, {0x30F6, 0x30B1}};

/* NFKC has made a space of U+00A0 and U+3000. */
static bool is_blank(ucs4_t c) {
    return c == ' ' || c == '\t';
}

static ucs4_t capital(ucs4_t c) {
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* Maps a character; 0: it is left out. */
typedef ucs4_t character_rule(ucs4_t c);

static ucs4_t in_name(ucs4_t c) {
    if (is_blank(c) || c == MIDDLE_DOT)
        return 0;
    if (c >= HIRAGANA_FIRST && c <= HIRAGANA_LAST)
        c += HIRAGANA_TO_KATAKANA;
    for (size_t i = 0; i < sizeof small_kana / sizeof *small_kana; i++)
        if (c == small_kana[i][0])
            c = small_kana[i][1];
    return capital(c);
}

static ucs4_t in_text(ucs4_t c) {
    return c;
}

static result fold(const char *text, character_rule *rule, char *out, size_t size) {
    const uint8_t *raw = (const uint8_t *)text;
    size_t length = 0, used = 0;
    *out = 0;
    if (u8_check(raw, strlen(text)) != NULL)
        return RESULT_INVALID;
    uint8_t *whole = u8_normalize(UNINORM_NFKC, raw, strlen(text), NULL, &length);
    if (whole == NULL)
        return length == 0 && *text == 0 ? RESULT_INVALID : RESULT_NO_MEMORY;
    result code = RESULT_OK;
    ucs4_t c;
    for (size_t at = 0; code == RESULT_OK && at < length;) {
        at += (size_t)u8_mbtouc(&c, whole + at, length - at);
        c = rule(c);
        const int wrote = c != 0 && size - used > 6 ? u8_uctomb((uint8_t *)out + used, c, (ptrdiff_t)(size - used)) : 0;
        if (c != 0 && wrote <= 0)
            code = RESULT_TOO_LONG;
        used += (size_t)wrote;
    }
    free(whole);
    out[code == RESULT_OK ? used : 0] = 0;
    return code == RESULT_OK && used == 0 ? RESULT_INVALID : code;
}

result japanese_fold_name(const char *text, char *out, size_t size) {
    return fold(text, in_name, out, size);
}

result japanese_fold_code(const char *text, char *out, size_t size) {
    const result code = fold(text, capital, out, size);
    if (code != RESULT_OK)
        return code;
    return strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(out) ? RESULT_OK : RESULT_INVALID;
}

static void trim(char *text) {
    const size_t blanks = strspn(text, " \t");
    memmove(text, text + blanks, strlen(text + blanks) + 1);
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = 0;
}

result japanese_fold_text(const char *text, char *out, size_t size) {
    const result code = fold(text, in_text, out, size);
    if (code != RESULT_OK)
        return code;
    trim(out);
    for (const char *c = out; *c != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return RESULT_INVALID;
    return *out != 0 ? RESULT_OK : RESULT_INVALID;
}

size_t japanese_prefix(const char *text, size_t characters) {
    size_t at = 0;
    while (text[at] != 0 && characters > 0) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        characters--;
    }
    return at;
}

size_t japanese_length(const char *text) {
    size_t count = 0;
    for (const char *c = text; *c != 0; c++)
        count += ((unsigned char)*c & 0xC0) != 0x80;
    return count;
}

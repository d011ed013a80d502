/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/catalogue.h"

#include <stdlib.h>
#include <string.h>

/* "The Format of GNU MO Files": seven words of 32 bits, in the byte order that the first one shows. The last two
 * describe a hash table, which is not needed. */
#define HEAD_LENGTH 28
#define MAGIC 0x950412deU
#define AT_REVISION 4
#define AT_COUNT 8
#define AT_ORIGINALS 12
#define AT_TRANSLATIONS 16
#define MAJOR_MAX 1 /* "0 and 1 have the same format" for what is read here */

/* A row of either table: length without the NUL, then offset. */
#define ROW_LENGTH 8

static uint32_t word_at(const catalogue *c, size_t at) {
    const uint8_t *raw = c->file.data + at;
    if (c->big_endian)
        return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
    return (uint32_t)raw[3] << 24 | (uint32_t)raw[2] << 16 | (uint32_t)raw[1] << 8 | raw[0];
}

/* The text of a row, which may hold several, each with its NUL (plural forms). */
static bytes text_at(const catalogue *c, uint32_t table, uint32_t row) {
    const size_t at = table + (size_t)row * ROW_LENGTH;
    return bytes_of(c->file.data + word_at(c, at + 4), (size_t)word_at(c, at) + 1);
}

static result check_table(const catalogue *c, uint32_t table) {
    const size_t max = c->file.length;
    if (table > max || c->count > (max - table) / ROW_LENGTH)
        return RESULT_TRUNCATED;
    for (uint32_t row = 0; row < c->count; row++) {
        const size_t at = table + (size_t)row * ROW_LENGTH;
        const uint32_t length = word_at(c, at), offset = word_at(c, at + 4);
        if (offset >= max || length >= max - offset)
            return RESULT_TRUNCATED;
        if (c->file.data[offset + length] != 0)
            return RESULT_INVALID;
    }
    return RESULT_OK;
}

result catalogue_open(catalogue *c, bytes file) {
    *c = (catalogue){.file = file};
    if (file.length < HEAD_LENGTH)
        return RESULT_TRUNCATED;
    c->big_endian = word_at(c, 0) != MAGIC;
    if (word_at(c, 0) != MAGIC)
        return RESULT_INVALID;
    if (word_at(c, AT_REVISION) >> 16 > MAJOR_MAX)
        return RESULT_UNSUPPORTED;
    c->count = word_at(c, AT_COUNT);
    c->originals = word_at(c, AT_ORIGINALS);
    c->translations = word_at(c, AT_TRANSLATIONS);
    const result code = check_table(c, c->originals);
    return code == RESULT_OK ? check_table(c, c->translations) : code;
}

/* --- what printf would take --------------------------------------------------------------------------------------- */

#define ARGUMENTS_MAX 8

/* One argument of printf by its length modifier and conversion: "zu". */
typedef struct argument {
    const char *type;
    size_t length;
} argument;

static bool is_same(argument a, argument b) {
    return bytes_equal(bytes_of(a.type, a.length), bytes_of(b.type, b.length));
}

/* The arguments that a text takes, in their order. RESULT_UNSUPPORTED: more than there is room for, some with a number
 * and some without (POSIX fprintf: undefined), two types for one, a width or precision from an argument, or text that
 * is no format. */
static result arguments_of(const char *text, argument list[ARGUMENTS_MAX]) {
    size_t plain = 0;
    bool numbered = false;
    memset(list, 0, ARGUMENTS_MAX * sizeof *list);
    while ((text = strchr(text, '%')) != NULL) {
        const size_t digits = strspn(++text, "0123456789");
        size_t number;
        if (*text == '%') {
            text++;
            continue;
        }
        if (digits > 0 && text[digits] == '$') { /* %2$s is the second one */
            numbered = true;
            number = strtoul(text, NULL, 10) - 1;
            text += digits + 1;
        } else
            number = plain++;
        text += strspn(text, "-+ #0123456789.");
        const argument found = {text, strspn(text, "hljztL") + 1};
        const char conversion = text[found.length - 1];
        if (number >= ARGUMENTS_MAX || conversion == 0 || strchr("diouxXcsp", conversion) == NULL)
            return RESULT_UNSUPPORTED;
        if (list[number].length > 0 && !is_same(list[number], found))
            return RESULT_UNSUPPORTED;
        list[number] = found;
        text += found.length;
    }
    return numbered && plain > 0 ? RESULT_UNSUPPORTED : RESULT_OK;
}

static bool takes_the_same(const char *english, const char *translation) {
    argument wanted[ARGUMENTS_MAX], got[ARGUMENTS_MAX];
    if (strchr(english, '%') == NULL)
        return strchr(translation, '%') == NULL;
    if (arguments_of(english, wanted) != RESULT_OK || arguments_of(translation, got) != RESULT_OK)
        return false;
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        if (!is_same(wanted[i], got[i]))
            return false;
    return true;
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

/* The originals are sorted; in a file where they are not, some are not found. */
static bool find(const catalogue *c, const char *english, uint32_t *row) {
    uint32_t first = 0, end = c->count;
    while (first < end) {
        *row = first + (end - first) / 2;
        const int order = strcmp(english, (const char *)text_at(c, c->originals, *row).data);
        if (order == 0)
            return true;
        if (order < 0)
            end = *row;
        else
            first = *row + 1;
    }
    return false;
}

const char *catalogue_text(const catalogue *c, const char *english, const char *printed, size_t form) {
    uint32_t row;
    if (!find(c, english, &row))
        return NULL;
    bytes forms = text_at(c, c->translations, row);
    for (; form > 0 && forms.length > 0; form--)
        forms = bytes_slice(forms, strlen((const char *)forms.data) + 1, forms.length);
    const char *text = (const char *)forms.data;
    return forms.length > 0 && *text != 0 && takes_the_same(printed, text) ? text : NULL;
}

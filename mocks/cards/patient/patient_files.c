/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_files.h"

#include "base/file.h"
#include "iso7816/tlv.h"

#include <stdlib.h>

static bool is_filler(bytes content) {
    for (size_t i = 0; i < content.length; i++)
        if (content.data[i] != content.data[0] || (content.data[i] != FILLER && content.data[i] != 0))
            return false;
    return true;
}

/* The object that is due, in either form of its length; behind it, as in what was read out of a card, others and
 * filler. */
static bool has_its_object(uint32_t tag, bytes content) {
    bytes rest = content;
    tlv object;
    if (tlv_next(&rest, &object) != RESULT_OK || object.tag != tag)
        return false;
    while (!is_filler(rest))
        if (tlv_next(&rest, &object) != RESULT_OK)
            return false;
    return true;
}

static bool has_its_form(const elementary_file *about, bytes content) {
    return (about->tag == 0 || has_its_object(about->tag, content)) && (about->form == NULL || about->form(content));
}

/* What has something behind its object is as a card had it, and stays so; the rest is filled up to the file's size. */
static result fill_up(file *f) {
    result code = RESULT_OK;
    size_t whole = f->content.length;
    if (f->about->tag != 0 && tlv_whole_length(buffer_bytes(&f->content), &whole) != RESULT_OK)
        return RESULT_INVALID;
    bool as_it_was = f->content.length > whole;
    while (!as_it_was && code == RESULT_OK && f->content.length < f->about->size)
        code = buffer_append_u8(&f->content, FILLER);
    return code;
}

static result load_content(file *f, const char *image_folder) {
    size_t max = f->about->size != 0 && f->about->tag == 0 ? f->about->size : FILE_MAX;
    f->content = BUFFER_INIT(max);
    result code = RESULT_OK;
    if (f->about->path != NULL) {
        char *path = file_join(image_folder, f->about->path);
        code = path == NULL ? RESULT_NO_MEMORY : file_read(path, &f->content);
        free(path);
    }
    f->missing = code == RESULT_NOT_FOUND && f->about->optional;
    if (f->missing)
        code = RESULT_OK;
    else if (code == RESULT_OK && !has_its_form(f->about, buffer_bytes(&f->content)))
        code = RESULT_INVALID;
    if (code == RESULT_OK && f->about->fixed.length > 0)
        code = buffer_append(&f->content, f->about->fixed);
    return code == RESULT_OK && !f->missing ? fill_up(f) : code;
}

result file_load(file *f, const char *image_folder, const char **problem) {
    result code = RESULT_OK;
    if (f->about->kind == FILE_DATA || f->about->kind == FILE_RECORDS || f->about->kind == FILE_OBJECT)
        code = load_content(f, image_folder);
    if (code != RESULT_OK)
        *problem = f->about->problem;
    return code;
}

result file_load_pin(file *f, const char *image_folder, const char **problem) {
    if (f->about->kind != FILE_PIN)
        return RESULT_OK;
    result code = pin_load(&f->pin, f->about->pin, image_folder, problem);
    f->missing = code == RESULT_NOT_FOUND && f->about->optional;
    return f->missing ? RESULT_OK : code; /* no tries: blocked */
}

void file_wipe(file *f) {
    buffer_wipe(&f->content);
    key_wipe(&f->key);
    if (f->about->kind == FILE_PIN)
        pin_wipe(&f->pin);
}

status_word file_read_part(bytes content, size_t offset, uint32_t max, bytes *part) {
    if (offset >= content.length)
        return SW_WRONG_OFFSET;
    *part = bytes_slice(content, offset, max);
    return SW_OK;
}

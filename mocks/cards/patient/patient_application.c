/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_application.h"

#include "base/file.h"
#include "base/secret.h"

#include <stdlib.h>
#include <unistd.h>

/* After the contents: a key may have to belong to a certificate. */
static result load_key(application *a, file *f, const char *image_folder, const char **problem) {
    bytes certificate = {0};
    if (f->about->certificate != 0)
        certificate = buffer_bytes(&application_file(a, f->about->certificate)->content);
    char *path = file_join(image_folder, f->about->kind == FILE_KEY ? f->about->path : f->about->key_path);
    f->missing = path != NULL && f->about->optional && access(path, F_OK) != 0;
    result code = path == NULL ? RESULT_NO_MEMORY : f->missing ? RESULT_OK : key_load(&f->key, path, certificate);
    free(path);
    if (code != RESULT_OK)
        *problem = f->about->problem;
    return code;
}

result application_load(application *a, const application_kind *kind, const char *image_folder, const char **problem) {
    result code = RESULT_OK;
    a->kind = kind;
    a->files = calloc(kind->file_count > 0 ? kind->file_count : 1, sizeof *a->files);
    a->state = calloc(1, kind->state_size > 0 ? kind->state_size : 1);
    if (a->files == NULL || a->state == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < kind->file_count; i++)
        a->files[i].about = &kind->files[i];
    for (size_t i = 0; code == RESULT_OK && i < kind->file_count; i++)
        code = file_load(&a->files[i], image_folder, problem);
    for (size_t i = 0; code == RESULT_OK && i < kind->file_count; i++)
        if (kind->files[i].kind == FILE_KEY || kind->files[i].key_path != NULL)
            code = load_key(a, &a->files[i], image_folder, problem);
    return code;
}

result application_load_pins(application *a, const char *image_folder, const char **problem) {
    result code = RESULT_OK;
    for (size_t i = 0; a->kind != NULL && code == RESULT_OK && i < a->kind->file_count; i++)
        code = file_load_pin(&a->files[i], image_folder, problem);
    if (code == RESULT_OK && a->kind != NULL && a->kind->complete != NULL)
        code = a->kind->complete(a, problem);
    return code;
}

void application_free(application *a) {
    for (size_t i = 0; a->kind != NULL && a->files != NULL && i < a->kind->file_count; i++)
        file_wipe(&a->files[i]);
    if (a->state != NULL)
        secret_wipe(a->state, a->kind->state_size);
    free(a->state);
    free(a->files);
    *a = (application){0};
}

file *application_file(const application *a, uint16_t id) {
    for (size_t i = 0; i < a->kind->file_count; i++)
        if (a->kind->files[i].id == id)
            return &a->files[i];
    return NULL;
}

file *application_file_by_short_id(const application *a, uint8_t short_id) {
    return short_id >= 1 && short_id <= 30 ? application_file(a, short_id) : NULL;
}

void application_forget(application *a) {
    for (size_t i = 0; i < a->kind->file_count; i++)
        a->files[i].pin.verified = false;
    secret_wipe(a->state, a->kind->state_size);
}

unsigned application_pin_rights(const application *a) {
    unsigned proved = 0;
    for (size_t i = 0; i < a->kind->file_count; i++)
        proved |= a->files[i].pin.verified ? a->kind->files[i].proves : 0;
    return proved;
}

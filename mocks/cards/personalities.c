/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "personalities.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 32

static const card_personality *const personalities[] = {
    &patient_card_personality,
    &operator_card_personality,
    &secure_element_personality,
    &echo_card_personality,
};

static result read_name(const char *image_folder, buffer *name) {
    char *path = file_join(image_folder, "personality");
    if (path == NULL)
        return RESULT_NO_MEMORY;
    result code = file_read(path, name);
    free(path);
    while (name->length > 0 && strchr("\r\n ", name->data[name->length - 1]) != NULL)
        buffer_truncate(name, name->length - 1);
    return code;
}

result personality_open(const char *image_folder, const card_personality **kind, card **opened, const char **problem) {
    buffer name = BUFFER_INIT(NAME_LENGTH_MAX);
    result code = read_name(image_folder, &name);
    *opened = NULL;
    *problem = "the folder is no card image: it has no readable file \"personality\"";
    if (code == RESULT_OK) {
        code = RESULT_UNSUPPORTED;
        *problem = "the image names a personality that this softcard does not have";
    }
    for (size_t i = 0; i < sizeof personalities / sizeof *personalities; i++) {
        if (code != RESULT_UNSUPPORTED || strcmp(personalities[i]->name, buffer_text(&name)) != 0)
            continue;
        *kind = personalities[i];
        *problem = "the image is incomplete";
        code = personalities[i]->open(image_folder, opened, problem);
        break;
    }
    buffer_wipe(&name);
    return code;
}

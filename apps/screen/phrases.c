/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "phrases.h"

#include "base/file.h"
#include "states/state_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER_LENGTH 12 /* "RIFF", the length of what follows, "WAVE" */
#define FORM_AT 8

static const char *const languages[PHRASE_LANGUAGES] = {"ja", "easy", "en"};

static const patient_words *words_of(size_t index) {
    return state_phrase((patient_phrase)(PHRASE_UNCHANGED + 1 + index / PHRASE_LANGUAGES));
}

void phrase_name(size_t index, char name[PHRASE_NAME_SIZE]) {
    snprintf(name, PHRASE_NAME_SIZE, "%s-%s", words_of(index)->name, languages[index % PHRASE_LANGUAGES]);
}

const char *phrase_text(size_t index) {
    const patient_words *words = words_of(index);
    const char *const texts[PHRASE_LANGUAGES] = {words->ja, words->easy, words->en};
    return texts[index % PHRASE_LANGUAGES];
}

/* A file that a browser could take for another type is not sent. */
static bool is_wav(bytes file) {
    return file.length > HEADER_LENGTH && memcmp(file.data, "RIFF", 4) == 0 &&
           memcmp(file.data + FORM_AT, "WAVE", 4) == 0;
}

result phrase_read(const char *folder, const char *name, buffer *out) {
    char entry[PHRASE_NAME_SIZE + sizeof ".wav"];
    const int opened = folder != NULL ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (opened < 0)
        return RESULT_NOT_FOUND;
    snprintf(entry, sizeof entry, "%s.wav", name);
    const result code = file_read_entry(opened, entry, 0, out);
    close(opened);
    return code == RESULT_OK && !is_wav(buffer_bytes(out)) ? RESULT_UNSUPPORTED : code;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image.h"

#include "applications.h"
#include "base/file.h"
#include "base/hex.h"
#include "iso7816/atr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_FILE 0x0006
#define USER_CERTIFICATE 0x000A
#define TOKEN_SERIAL_NUMBER 80 /* its serialNumber, as in CK_TOKEN_INFO (PKCS#11 2.40 3.2) */
#define TOKEN_OLD_CARD_ID 32   /* where images had it before that was known */
#define LINE_LENGTH_MAX 128
#define SWITCHES_MAX 1024

typedef struct loading {
    card_image *image;
    const char *folder;
    const char *personality;
    bool patient;
    const char *problem;
} loading;

static result complain(loading *l, result code, const char *problem) {
    if (code != RESULT_OK && l->problem == NULL)
        l->problem = problem;
    return code;
}

/* Reads folder/name into out. */
static result read_part(const loading *l, const char *name, buffer *out) {
    char *path = file_join(l->folder, name);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, out);
    free(path);
    return code;
}

/* The first line of folder/name, without its newline. */
static result read_line(const loading *l, const char *name, buffer *line) {
    result code = read_part(l, name, line);
    const uint8_t *end = code == RESULT_OK && line->length > 0 ? memchr(line->data, '\n', line->length) : NULL;
    if (end != NULL)
        buffer_truncate(line, (size_t)(end - line->data));
    return code;
}

static result load_personality(loading *l) {
    buffer line = BUFFER_INIT(LINE_LENGTH_MAX);
    result code = read_line(l, "personality", &line);
    if (code == RESULT_OK && strcmp(buffer_text(&line), l->personality) != 0)
        code = RESULT_INVALID;
    buffer_wipe(&line);
    return complain(l, code, "personality: missing, or another kind of card");
}

static result read_atr(const loading *l, const char *name, buffer *raw) {
    buffer line = BUFFER_INIT(LINE_LENGTH_MAX);
    atr parsed;
    result code = read_line(l, name, &line);
    if (code == RESULT_OK)
        code = hex_decode(buffer_text(&line), raw);
    if (code == RESULT_OK)
        code = atr_parse(buffer_bytes(raw), &parsed);
    buffer_wipe(&line);
    return code;
}

static result load_atr(loading *l) {
    result code = read_atr(l, "atr", &l->image->atr);
    if (code != RESULT_OK)
        return complain(l, code, "atr: missing, or no answer to reset in hexadecimal");
    code = read_atr(l, "atr-contactless", &l->image->atr_contactless);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    return complain(l, code, "atr-contactless: no answer to reset in hexadecimal");
}

static result load_switches(loading *l) {
    buffer text = BUFFER_INIT(SWITCHES_MAX);
    result code = read_part(l, "switches", &text);
    if (code == RESULT_OK)
        code = card_switches_parse(buffer_bytes(&text), &l->image->switches);
    else if (code == RESULT_NOT_FOUND)
        code = RESULT_OK;
    buffer_wipe(&text);
    return complain(l, code,
                    "switches: a line is none of reselect keep, transmission t0, extended off, user-certificate gone, "
                    "chaining on, empty-verify state, contact-atr applications or their opposites");
}

/* Every application whose folder the image has; the first, JPKI, is on every card. */
static result load_applications(loading *l) {
    card_image *image = l->image;
    const application_kind *kind;
    for (size_t i = 0; (kind = applications_known(i)) != NULL; i++) {
        struct stat about;
        const char *problem = NULL;
        char *folder = file_join(l->folder, kind->folder);
        bool there = folder != NULL && stat(folder, &about) == 0 && S_ISDIR(about.st_mode);
        free(folder);
        if (i > 0 && !there)
            continue;
        application *a = &image->applications[image->application_count++];
        result code = application_load(a, kind, l->folder, &problem);
        if (code != RESULT_OK)
            return complain(l, code, problem);
    }
    if (image->switches.no_certificate) {
        buffer *content = &application_file(&image->applications[0], USER_CERTIFICATE)->content;
        memset(content->data, FILLER, content->length);
    }
    return RESULT_OK;
}

/* The card id must be the one in the token information (EF 0006). */
static result load_card_id(loading *l) {
    buffer card_id = BUFFER_INIT(INSTITUTION_CARD_ID_LENGTH + 1);
    bytes token = buffer_bytes(&application_file(&l->image->applications[0], TOKEN_FILE)->content);
    result code = read_line(l, "card-id", &card_id);
    if (code == RESULT_OK && card_id.length != INSTITUTION_CARD_ID_LENGTH)
        code = RESULT_INVALID;
    complain(l, code, "card-id: missing, or not 16 characters");
    if (code == RESULT_OK)
        memcpy(l->image->institution.card_id, card_id.data, INSTITUTION_CARD_ID_LENGTH);
    bool same = bytes_equal(bytes_slice(token, TOKEN_SERIAL_NUMBER, card_id.length), buffer_bytes(&card_id)) ||
                bytes_equal(bytes_slice(token, TOKEN_OLD_CARD_ID, card_id.length), buffer_bytes(&card_id));
    if (code == RESULT_OK && !same)
        code = complain(l, RESULT_INVALID, "ef/0006: not 160 bytes with the card id of the file card-id at offset 80");
    buffer_wipe(&card_id);
    return code;
}

/* Operator cards have no institution authentication: an anchor there is ignored. */
static result load_anchor(loading *l) {
    if (!l->patient)
        return RESULT_OK;
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    result code = read_part(l, "trust/root.cvc", &raw);
    if (code == RESULT_OK)
        code = cvc_parse(buffer_bytes(&raw), &l->image->institution.anchor);
    buffer_wipe(&raw);
    l->image->institution.has_anchor = code == RESULT_OK;
    return complain(l, code, "trust/root.cvc: missing, or no card-verifiable certificate of 568 bytes");
}

static result lock_state(loading *l) {
    char *state = file_join(l->folder, "state");
    char *path = state == NULL ? NULL : file_join(state, "lock");
    result code = path == NULL ? RESULT_NO_MEMORY : file_make_folders(state, 0700);
    if (code == RESULT_OK) {
        l->image->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        code = l->image->lock < 0 ? RESULT_IO : RESULT_OK;
    }
    complain(l, code, "state/: cannot be written");
    if (code == RESULT_OK && flock(l->image->lock, LOCK_EX | LOCK_NB) != 0)
        code = complain(l, RESULT_EXISTS, "the card is in another reader already (state/lock is held)");
    free(path);
    free(state);
    return code;
}

static result load_pins(loading *l) {
    result code = RESULT_OK;
    for (size_t i = 0; i < l->image->application_count && code == RESULT_OK; i++)
        code = application_load_pins(&l->image->applications[i], l->folder, &l->problem);
    return code;
}

result card_image_load(card_image *image, const char *folder, const char *personality, const char **problem) {
    static result (*const steps[])(loading *) = {load_personality, load_atr,    load_switches, load_applications,
                                                 load_card_id,     load_anchor, lock_state,    load_pins};
    loading l = {.image = image, .folder = folder, .personality = personality};
    l.patient = strcmp(personality, "patient") == 0;
    *image = (card_image){.lock = -1, .atr = BUFFER_INIT(ATR_MAX), .atr_contactless = BUFFER_INIT(ATR_MAX)};
    result code = RESULT_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && code == RESULT_OK; i++)
        code = steps[i](&l);
    if (code != RESULT_OK)
        *problem = l.problem != NULL ? l.problem : "out of memory";
    return code;
}

void card_image_free(card_image *image) {
    for (size_t i = 0; i < image->application_count; i++)
        application_free(&image->applications[i]);
    buffer_wipe(&image->atr);
    buffer_wipe(&image->atr_contactless);
    if (image->lock >= 0)
        close(image->lock);
}

application *card_image_application(card_image *image, const application *behind, bytes aid) {
    size_t first = behind == NULL ? 0 : (size_t)(behind - image->applications) + 1;
    for (size_t i = first; aid.length > 0 && i < image->application_count; i++)
        if (bytes_equal(bytes_slice(image->applications[i].kind->aid, 0, aid.length), aid))
            return &image->applications[i];
    return NULL;
}

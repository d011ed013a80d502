/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Damaged card images: refused with words, or opened and able to answer. The input's first byte chooses the image; each
 * part changes one file: its number, then what is done (0 new content, 1 bytes at an offset, 2 cut, 3 removed). */
#include "fuzz.h"
#include "se-personalisation.h"

#include "base/file.h"
#include "base/hex.h"
#include "emulated_card.h"
#include "iso7816/apdu.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 64
#define FILE_MAX 16384
#define CHANGES_MAX 4

typedef struct image {
    const card_personality *kind;
    const char *name, *select;
    char folder[128];
    char *paths[FILES_MAX];
    buffer contents[FILES_MAX];
    size_t count;
} image;

static image images[] = {
    {.kind = &patient_card_personality, .name = "patient-1", .select = "00A4040C0AD392F000260100000001"},
    {.kind = &operator_card_personality, .name = "operator-doctor", .select = "00A4040C0AD392F000260100000001"},
    {.kind = &secure_element_personality, .name = "se-1", .select = "00A404000CF276A288BCFBA69D34F3100100"},
};
#define IMAGES (sizeof images / sizeof *images)

static image *walked;

/* Private keys as they are in the images, parsed once; a damaged one is parsed each time. */
static struct {
    buffer text;
    EVP_PKEY *key;
} known_keys[16];

EVP_PKEY *__wrap_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument);
EVP_PKEY *__real_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument);

EVP_PKEY *__wrap_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument) {
    uint8_t text[4096];
    size_t length = fread(text, 1, sizeof text, file);
    rewind(file);
    for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++) {
        if (known_keys[i].key == NULL && walked != NULL) {
            known_keys[i].key = __real_PEM_read_PrivateKey(file, into, callback, argument);
            known_keys[i].text = BUFFER_INIT(sizeof text);
            buffer_append(&known_keys[i].text, bytes_of(text, known_keys[i].key == NULL ? 0 : length));
            return known_keys[i].key != NULL && EVP_PKEY_up_ref(known_keys[i].key) == 1 ? known_keys[i].key : NULL;
        }
        if (bytes_equal(buffer_bytes(&known_keys[i].text), bytes_of(text, length)) && length > 0)
            return EVP_PKEY_up_ref(known_keys[i].key) == 1 ? known_keys[i].key : NULL;
    }
    return __real_PEM_read_PrivateKey(file, into, callback, argument);
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
    (void)fd;
    return 0;
}

static void copy_images(void) {
    const char *place = getenv("TMPDIR");
    char command[600];
    for (size_t i = 0; i < IMAGES; i++) {
        image *m = &images[i];
        snprintf(m->folder, sizeof m->folder, "%s/fuzz-image.%d.%zu", place == NULL ? "/tmp" : place, getpid(), i);
        snprintf(command, sizeof command, "cp -a '%s/%s' '%s' && rm -rf '%s/state'", getenv("FUZZ_IMAGES"), m->name,
                 m->folder, m->folder);
        FUZZ_REQUIRE(system(command) == 0);
    }
}

static void remove_images(void) {
    char command[600];
    for (size_t i = 0; i < IMAGES; i++) {
        snprintf(command, sizeof command, "rm -rf '%s'", images[i].folder);
        FUZZ_REQUIRE(system(command) == 0);
    }
}

static void send(const image *m, card *c, const char *hexadecimal) {
    buffer raw = BUFFER_INIT(1024), answer = BUFFER_INIT(APDU_RESPONSE_MAX);
    FUZZ_REQUIRE(hex_decode(hexadecimal, &raw) == RESULT_OK);
    m->kind->transmit(c, buffer_bytes(&raw), &answer);
    FUZZ_REQUIRE(answer.length >= 2);
    buffer_wipe(&raw);
    buffer_wipe(&answer);
}

static void open_and_use(const image *m) {
    static const char *const commands[] = {"00200080",
                                           "00A4020C02000A",
                                           "00B0000000",
                                           "00A4000C024401",
                                           "00B0000000",
                                           "0020000106313233343536",
                                           "002241B606800111840100",
                                           "002A9E9A0A0102030405060708090A00"};
    const char *problem = NULL;
    card *c = NULL;
    if (m->kind->open(m->folder, &c, &problem) != RESULT_OK) {
        FUZZ_REQUIRE(c == NULL && problem != NULL && *problem != 0);
        return;
    }
    FUZZ_REQUIRE(m->kind->answer_to_reset(c).length >= 2);
    send(m, c, m->select);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        send(m, c, commands[i]);
    m->kind->close(&c);
}

static void personalise(const image *m) {
    const char *problem;
    card *c;
    FUZZ_REQUIRE(m->kind->open(m->folder, &c, &problem) == RESULT_OK);
    for (size_t i = 0; i < SE_PERSONALISATION_LENGTH; i++)
        send(m, c, se_personalisation[i]);
    m->kind->close(&c);
}

static int remember(const char *path, const struct stat *about, int kind, struct FTW *where) {
    (void)about, (void)where;
    if (kind != FTW_F || strcmp(strrchr(path, '/'), "/lock") == 0)
        return 0;
    FUZZ_REQUIRE(walked->count < FILES_MAX);
    walked->paths[walked->count] = strdup(path);
    walked->contents[walked->count] = BUFFER_INIT(FILE_MAX);
    FUZZ_REQUIRE(file_read(path, &walked->contents[walked->count]) == RESULT_OK);
    walked->count++;
    return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    FUZZ_REQUIRE(getenv("FUZZ_IMAGES") != NULL);
    copy_images();
    atexit(remove_images);
    personalise(&images[IMAGES - 1]);
    for (size_t i = 0; i < IMAGES; i++) {
        walked = &images[i];
        open_and_use(walked); /* counters are there from now on */
        FUZZ_REQUIRE(nftw(walked->folder, remember, 8, FTW_PHYS) == 0);
    }
    walked = NULL;
    return 0;
}

static void put(const char *path, bytes content) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_REQUIRE(fd >= 0 && write(fd, content.data, content.length) == (ssize_t)content.length);
    close(fd);
}

static size_t number_at(bytes part, size_t offset) {
    return part.length < offset + 2 ? 0 : (size_t)part.data[offset] << 8 | part.data[offset + 1];
}

static void change(const image *m, size_t file, bytes how) {
    buffer content = BUFFER_INIT(FILE_MAX);
    bytes old = buffer_bytes(&m->contents[file]), data = bytes_slice(how, 3, how.length);
    size_t offset = number_at(how, 1);
    FUZZ_REQUIRE(buffer_append(&content, old) == RESULT_OK);
    switch (how.data[0] % 4) {
    case 0: put(m->paths[file], bytes_slice(how, 1, how.length)); break;
    case 1:
        for (size_t i = 0; i < data.length && offset + i < content.length; i++)
            content.data[offset + i] = data.data[i];
        put(m->paths[file], buffer_bytes(&content));
        break;
    case 2: put(m->paths[file], bytes_slice(old, 0, offset)); break;
    default: unlink(m->paths[file]); break;
    }
    buffer_wipe(&content);
}

/* What was changed, and what opening and using the card may have. */
static void restore(const image *m, const bool changed[FILES_MAX]) {
    for (size_t i = 0; i < m->count; i++)
        if (changed[i] || strstr(m->paths[i], "/state/") != NULL)
            put(m->paths[i], buffer_bytes(&m->contents[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes input = bytes_of(data, size), part;
    bool changed[FILES_MAX] = {false};
    if (size == 0)
        return 0;
    const image *m = &images[data[0] % IMAGES];
    input = bytes_slice(input, 1, input.length);
    for (int i = 0; i < CHANGES_MAX && fuzz_next_part(&input, &part); i++)
        if (part.length >= 2) {
            change(m, part.data[0] % m->count, bytes_slice(part, 1, part.length));
            changed[part.data[0] % m->count] = true;
        }
    open_and_use(m);
    restore(m, changed);
    return 0;
}

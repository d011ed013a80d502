/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-stream.h"

#include "base/file.h"
#include "base/hex.h"
#include "fuzz.h"
#include "iso7816/apdu.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_FILES_MAX 96
#define STATE_FILE_MAX 65536
#define COMMANDS_MAX 64 /* of one stream */

typedef struct state_file {
    char name[64];
    buffer content;
} state_file;

static const card_personality *kind;
static char folder[64], state_folder[80];
static state_file kept[STATE_FILES_MAX];
static size_t kept_count;
static card *c;
static bool accept_all; /* what others prove is taken for right */
static bool written;    /* the state on disk has changed since it was restored */

/* What makes a card slow and is not its own: the disk's durability, the search for primes, the parsing of PEM. */
EVP_PKEY *__wrap_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument);
EVP_PKEY *__real_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument);
int __wrap_fsync(int fd);
int __wrap_unlink(const char *path);
int __real_unlink(const char *path);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type, ...);
EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type, ...);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t length,
                            const unsigned char *data, size_t data_length);
int __real_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t length,
                            const unsigned char *data, size_t data_length);

bool __wrap_bytes_equal_secret(bytes a, bytes b);
bool __real_bytes_equal_secret(bytes a, bytes b);
int __wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *context, unsigned char *out, size_t *room, const unsigned char *in,
                            size_t length);
int __real_EVP_PKEY_decrypt(EVP_PKEY_CTX *context, unsigned char *out, size_t *room, const unsigned char *in,
                            size_t length);

int __wrap_fsync(int fd) {
    (void)fd;
    written = true;
    return 0;
}

int __wrap_unlink(const char *path) {
    written = true;
    return __real_unlink(path);
}

EVP_PKEY *__wrap_PEM_read_PrivateKey(FILE *file, EVP_PKEY **into, pem_password_cb *callback, void *argument) {
    static struct {
        ino_t number;
        EVP_PKEY *key;
    } read[8];
    struct stat about;
    FUZZ_REQUIRE(fstat(fileno(file), &about) == 0 && into == NULL);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        if (read[i].key == NULL) {
            read[i].number = about.st_ino;
            read[i].key = __real_PEM_read_PrivateKey(file, NULL, callback, argument);
        }
        if (read[i].key != NULL && read[i].number == about.st_ino)
            return EVP_PKEY_up_ref(read[i].key) == 1 ? read[i].key : NULL;
    }
    return __real_PEM_read_PrivateKey(file, NULL, callback, argument);
}

EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type, ...) {
    static EVP_PKEY *one;
    (void)library, (void)properties, (void)type;
    if (one == NULL)
        one = __real_EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return EVP_PKEY_dup(one);
}

int __wrap_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t length,
                            const unsigned char *data, size_t data_length) {
    return accept_all ? 1 : __real_EVP_DigestVerify(context, signature, length, data, data_length);
}

bool __wrap_bytes_equal_secret(bytes a, bytes b) {
    return __real_bytes_equal_secret(a, b) || accept_all;
}

/* Then every cryptogram holds a seed of secure messaging (docs/interfaces/patient-card.md): zeros. */
int __wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *context, unsigned char *out, size_t *room, const unsigned char *in,
                            size_t length) {
    static const uint8_t seed[36] = {0xA0, 0x22, 0x80, 0x20};
    if (!accept_all || out == NULL || *room < sizeof seed)
        return __real_EVP_PKEY_decrypt(context, out, room, in, length);
    memcpy(out, seed, sizeof seed);
    *room = sizeof seed;
    return 1;
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    FUZZ_REQUIRE(system(command) == 0);
}

void card_stream_begin(const card_personality *personality, const char *image) {
    kind = personality;
    const char *place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/fuzz-card.XXXXXX", place == NULL ? "/tmp" : place);
    FUZZ_REQUIRE(mkdtemp(folder) != NULL);
    atexit(remove_folder);
    const char *images = getenv("FUZZ_IMAGES");
    char command[512];
    FUZZ_REQUIRE(images != NULL);
    snprintf(command, sizeof command, "cp -a '%s/%s/.' '%s' && rm -rf '%s/state' && mkdir -m 700 '%s/state'", images,
             image, folder, folder, folder);
    FUZZ_REQUIRE(system(command) == 0);
    snprintf(state_folder, sizeof state_folder, "%s/state", folder);
}

/* Calls what for every file of the state but the lock. */
static void for_each_state_file(void (*what)(const char *path, const char *name)) {
    DIR *all = opendir(state_folder);
    FUZZ_REQUIRE(all != NULL);
    for (const struct dirent *entry; (entry = readdir(all)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", state_folder, entry->d_name);
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0)
            what(path, entry->d_name);
    }
    closedir(all);
}

static void keep_file(const char *path, const char *name) {
    FUZZ_REQUIRE(kept_count < STATE_FILES_MAX);
    state_file *file = &kept[kept_count++];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->content = BUFFER_INIT(STATE_FILE_MAX);
    FUZZ_REQUIRE(file_read(path, &file->content) == RESULT_OK);
}

static void remove_file(const char *path, const char *name) {
    (void)name;
    __real_unlink(path);
}

static void restore_state(void) {
    for_each_state_file(remove_file);
    for (size_t i = 0; i < kept_count; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", state_folder, kept[i].name);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        FUZZ_REQUIRE(fd >= 0);
        FUZZ_REQUIRE(write(fd, kept[i].content.data, kept[i].content.length) == (ssize_t)kept[i].content.length);
        close(fd);
    }
}

static void put_in(void) {
    const char *problem = "";
    result code = kind->open(folder, &c, &problem);
    if (code != RESULT_OK)
        fprintf(stderr, "image refused: %s\n", problem);
    FUZZ_REQUIRE(code == RESULT_OK);
}

void card_stream_send(bytes command, buffer *answer) {
    uint8_t *copy = fuzz_copy(command);
    kind->transmit(c, bytes_of(copy, command.length), answer);
    free(copy);
}

static status_word send(bytes command) {
    static buffer answer = BUFFER_INIT(APDU_RESPONSE_MAX);
    bytes data;
    status_word sw = 0;
    buffer_clear(&answer);
    card_stream_send(command, &answer);
    FUZZ_REQUIRE(apdu_response(buffer_bytes(&answer), &data, &sw) == RESULT_OK);
    FUZZ_REQUIRE(sw == SW_OK || (sw >> 12 == 6 && sw >= 0x6100));
    FUZZ_REQUIRE(data.length == 0 || sw == SW_OK || sw >> 8 == 0x61 || sw >> 8 == 0x62);
    return sw;
}

void card_stream_put(const char *name, bytes content) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FUZZ_REQUIRE(file_replace(path, content, 0600) == RESULT_OK);
}

static void forget_kept(void) {
    while (kept_count > 0)
        buffer_wipe(&kept[--kept_count].content);
}

void card_stream_prepare(const char *const commands[], size_t count) {
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    put_in();
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&raw);
        FUZZ_REQUIRE(hex_decode(commands[i], &raw) == RESULT_OK);
        status_word sw = send(buffer_bytes(&raw));
        bool good = sw == SW_OK || sw >> 8 == SW_MORE_DATA >> 8;
        if (!good)
            fprintf(stderr, "preparation: %s answered %04X\n", commands[i], sw);
        FUZZ_REQUIRE(good);
    }
    kind->close(&c);
    buffer_wipe(&raw);
    forget_kept();
    for_each_state_file(keep_file);
}

static void run_part(bytes part) {
    if (part.length == 0) {
        kind->reset(c);
    } else if (part.length > 1) {
        send(part);
    } else if (part.data[0] & 1) {
        accept_all = true;
    } else {
        kind->close(&c);
        put_in();
    }
}

void card_stream_open(bool believe) {
    if (c == NULL) {
        restore_state();
        put_in();
    }
    accept_all = believe;
    written = false;
}

void card_stream_reset(void) {
    kind->reset(c);
}

void card_stream_close(void) {
    kind->reset(c);
    if (!written)
        return; /* the same card serves again */
    kind->close(&c);
    put_in(); /* whatever the commands left on disk is a whole card */
    kind->close(&c);
}

const char *card_stream_image(void) {
    return folder;
}

void card_stream_run(bytes input) {
    bytes part;
    card_stream_open(false);
    for (int i = 0; i < COMMANDS_MAX && fuzz_next_part(&input, &part); i++)
        run_part(part);
    card_stream_close();
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminal's configuration file. Whatever it holds, it is read whole or refused in words; what was read is
 * closed text. */
#include "fuzz.h"

#include "core/terminal_configuration.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file = -1;
static char path[64];

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    static const char seed[] =
        "; a terminal\n[terminal]\nid = T-01\ninstitution-code = 1312345678\nstate = state\n[pkcs11]\nmodule = /m.so\n"
        "[readers]\npatient = P\noperator = O\nse = S\n[se]\npin-file = pin\n[platform]\n"
        "url = https://localhost:1\ncvc-chain = c\n[history]\nurl = https://localhost:2\n[trust]\nanchors = a\n"
        "[limits]\noffline-hours = 72\noffline-count = 500\nsession-minutes = 480\nidle-minutes = 10\n";
    (void)count, (void)arguments;
    file = memfd_create("configuration", 0);
    FUZZ_REQUIRE(file >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    fuzz_give_seed("whole", bytes_of(seed, sizeof seed - 1));
    return 0;
}

static bool is_closed(const char *text, size_t size) {
    return memchr(text, 0, size) != NULL;
}

static void check_content(const configuration *c) {
    FUZZ_REQUIRE(is_closed(c->terminal_id, sizeof c->terminal_id) && *c->terminal_id != 0);
    FUZZ_REQUIRE(is_closed(c->state, sizeof c->state) && *c->state == '/');
    FUZZ_REQUIRE(is_closed(c->module, sizeof c->module) && *c->module == '/');
    FUZZ_REQUIRE(is_closed(c->anchors, sizeof c->anchors) && *c->anchors == '/');
    FUZZ_REQUIRE(is_closed(c->platform_url, sizeof c->platform_url) &&
                 is_closed(c->history_url, sizeof c->history_url));
    FUZZ_REQUIRE(strlen(c->institution_code) == 10);
    for (int i = 0; i < LIMIT_COUNT; i++)
        FUZZ_REQUIRE(c->limits.value[i] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static configuration c;
    char *words = NULL;
    size_t length = 0;
    report r;
    FUZZ_REQUIRE(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
    FILE *stream = open_memstream(&words, &length);
    FUZZ_REQUIRE(stream != NULL);
    report_begin(&r, false, stream, stream);
    const outcome done = configuration_read(path, &c, &r);
    fflush(stream);
    FUZZ_REQUIRE(done == OUTCOME_OK ? length == 0 : done == OUTCOME_USAGE && length > 0);
    if (done == OUTCOME_OK)
        check_content(&c);
    report_discard(&r);
    fclose(stream);
    free(words);
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "opensc-reader.h"

#include "iso7816/apdu.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- libopensc ---------------------------------------------------------------------------------------------------- */

static bool write_configuration(const char *path, const char *options) {
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    const int written = fprintf(file,
                                "app default { debug = 0; %s framework pkcs15 { use_pin_caching = no; "
                                "use_file_caching = no; enable_builtin_emulation = no; } }\n",
                                options);
    return fclose(file) == 0 && written > 0;
}

sc_context_t *opensc_reader_context(const char *application, struct sc_card_driver *driver, const char *options) {
    char path[] = "/tmp/opensc-reader.XXXXXX";
    const sc_context_param_t parameters = {.app_name = application};
    sc_context_t *context = NULL;
    const int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    if (close(fd) == 0 && write_configuration(path, options)) {
        setenv("OPENSC_CONF", path, 1);
        setenv("PCSCLITE_CSOCK_NAME", "/nonexistent", 1); /* no reader of this machine */
        if (sc_context_create(&context, &parameters) != SC_SUCCESS)
            context = NULL;
    }
    unlink(path);
    if (context != NULL) {
        context->card_drivers[0] = driver;
        context->card_drivers[1] = NULL;
    }
    return context;
}

struct sc_card_driver *opensc_reader_load(const char *module, const char *name) {
    void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return NULL;
    union {
        void *object;
        void *(*function)(const char *name);
    } begin = {dlsym(library, "sc_module_init")};
    if (begin.object == NULL)
        return NULL;
    union {
        void *object;
        struct sc_card_driver *(*function)(void);
    } driver = {begin.function(name)};
    return driver.object != NULL ? driver.function() : NULL;
}

/* --- the reader --------------------------------------------------------------------------------------------------- */

static int connect_card(struct sc_reader *reader) {
    static const uint8_t atr[] = {0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F};
    memcpy(reader->atr.value, atr, sizeof atr);
    reader->atr.len = sizeof atr;
    return SC_SUCCESS;
}

static int succeed(struct sc_reader *reader) {
    (void)reader;
    return SC_SUCCESS;
}

sc_reader_t *opensc_reader_make(sc_context_t *context, const opensc_reader *calls, bool extended, bool t0) {
    static struct sc_reader_operations operations;
    static struct sc_reader_driver kind = {.name = "test", .short_name = "test"};
    static char name[] = "test";
    static sc_reader_t reader;
    operations = (struct sc_reader_operations){.connect = connect_card,
                                               .disconnect = succeed,
                                               .lock = succeed,
                                               .unlock = succeed,
                                               .transmit = calls->transmit,
                                               .detect_card_presence = calls->detect,
                                               .reset = calls->reset};
    reader = (sc_reader_t){.ctx = context, .driver = &kind, .ops = &operations, .name = name};
    reader.active_protocol = reader.supported_protocols = t0 ? SC_PROTO_T0 : SC_PROTO_T1;
    reader.max_send_size = extended ? 65535 : 255;
    reader.max_recv_size = extended ? 65536 : 256;
    return &reader;
}

result opensc_reader_write(const sc_apdu_t *apdu, bool t0, buffer *raw) {
    const int form = apdu->cse & 0x0F;
    const bool sends = form == SC_APDU_CASE_3_SHORT || form == SC_APDU_CASE_4_SHORT;
    const bool expects = form == SC_APDU_CASE_2_SHORT || (form == SC_APDU_CASE_4_SHORT && !t0);
    apdu_command command = {.cla = apdu->cla, .ins = apdu->ins, .p1 = apdu->p1, .p2 = apdu->p2};
    command.extended = apdu->cse & SC_APDU_EXT;
    if (sends)
        command.data = bytes_of(apdu->data, apdu->datalen);
    if (expects)
        command.le = apdu->le != 0 ? (uint32_t)apdu->le : command.extended ? 65536 : 256;
    return apdu_build(&command, raw);
}

int opensc_reader_give(sc_apdu_t *apdu, bytes answer) {
    if (answer.length < 2)
        return SC_ERROR_INTERNAL;
    const size_t length = answer.length - 2;
    apdu->sw1 = answer.data[length];
    apdu->sw2 = answer.data[length + 1];
    if (length <= apdu->resplen)
        apdu->resplen = length;
    if (apdu->resplen > 0)
        memcpy(apdu->resp, answer.data, apdu->resplen);
    return SC_SUCCESS;
}

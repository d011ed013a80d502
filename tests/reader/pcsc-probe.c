/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PC/SC client for tests, driven by lines on standard input, one line of answer each: the return code in hexadecimal,
 * then what there is to say. `pcsc-probe list` only names the readers.
 *
 *   connect READER          -> code protocol atr         transmit HEX        -> code response
 *   connect-t0 READER, connect-exclusive READER          command N           -> code length-seen sum-right|sum-wrong
 *   reconnect leave|reset|unpower  -> code               answer N            -> code length right|wrong
 *   disconnect leave|reset|unpower -> code               attribute HEXTAG    -> code value
 *   begin, end, status      -> code                      control HEXCODE     -> code value
 *   state READER            -> code events               change READER MS    -> code events (waits for a change)
 *   count READER            -> code number of removals and insertions that pcscd has told of
 *   repeat HEX              -> transmits until it fails: code different-answers
 * READER is the rest of the line. */
#include "base/buffer.h"
#include "base/hex.h"

#include <reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define SHOWN_MAX 300
#define ROOM 70000

static SCARDCONTEXT context;
static SCARDHANDLE handle;
static DWORD protocol;
static DWORD known_state = SCARD_STATE_UNAWARE;
static BYTE received[ROOM];

static void say(LONG code, bytes data) {
    char text[2 * SHOWN_MAX + 1];
    hex_encode(bytes_slice(data, 0, SHOWN_MAX), text, sizeof text);
    printf("%08lX %s\n", (unsigned long)code & 0xFFFFFFFFUL, text);
}

static void say_code(LONG code) {
    printf("%08lX\n", (unsigned long)code & 0xFFFFFFFFUL);
}

static DWORD disposition_of(const char *word) {
    return strcmp(word, "reset") == 0     ? SCARD_RESET_CARD
           : strcmp(word, "unpower") == 0 ? SCARD_UNPOWER_CARD
                                          : SCARD_LEAVE_CARD;
}

static LONG transmit(bytes command, DWORD *length) {
    *length = sizeof received;
    const SCARD_IO_REQUEST *pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    return SCardTransmit(handle, pci, command.data, command.length, NULL, received, length);
}

static void do_connect_as(const char *reader, DWORD share, DWORD protocols) {
    BYTE atr[MAX_ATR_SIZE];
    DWORD atr_length = sizeof atr, name_length = 0, state, active;
    LONG code = SCardConnect(context, reader, share, protocols, &handle, &protocol);
    if (code == SCARD_S_SUCCESS)
        code = SCardStatus(handle, NULL, &name_length, &state, &active, atr, &atr_length);
    if (code != SCARD_S_SUCCESS) {
        say_code(code);
        return;
    }
    printf("%08lX T%d ", (unsigned long)code, protocol == SCARD_PROTOCOL_T0 ? 0 : 1);
    for (DWORD i = 0; i < atr_length; i++)
        printf("%02X", atr[i]);
    puts("");
}

static void do_connect(const char *reader) {
    do_connect_as(reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
}

static void do_connect_t0(const char *reader) {
    do_connect_as(reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0);
}

static void do_connect_exclusive(const char *reader) {
    do_connect_as(reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
}

static void do_reconnect(const char *how) {
    DWORD protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    say_code(SCardReconnect(handle, SCARD_SHARE_SHARED, protocols, disposition_of(how), &protocol));
}

static void do_disconnect(const char *how) {
    say_code(SCardDisconnect(handle, disposition_of(how)));
}

static void do_begin(const char *nothing) {
    (void)nothing;
    say_code(SCardBeginTransaction(handle));
}

static void do_end(const char *nothing) {
    (void)nothing;
    say_code(SCardEndTransaction(handle, SCARD_LEAVE_CARD));
}

static void do_status(const char *nothing) {
    DWORD name_length = 0, state, active, atr_length = MAX_ATR_SIZE;
    BYTE atr[MAX_ATR_SIZE];
    (void)nothing;
    say_code(SCardStatus(handle, NULL, &name_length, &state, &active, atr, &atr_length));
}

static void do_transmit(const char *text) {
    buffer command = BUFFER_INIT(ROOM);
    DWORD length = 0;
    LONG code = hex_decode(text, &command) == RESULT_OK ? transmit(buffer_bytes(&command), &length) : -1;
    say(code, bytes_of(received, code == SCARD_S_SUCCESS ? length : 0));
    buffer_wipe(&command);
}

/* The echo card's E1 tells the length and the sum of the bytes that reached it. */
static void do_command(const char *text) {
    static BYTE command[ROOM];
    size_t wanted = strtoul(text, NULL, 10);
    DWORD length = 0;
    uint32_t sum = 0;
    for (size_t i = 0; i < wanted && i < sizeof command; i++) {
        command[i] = i == 1 ? 0xE1 : i < 4 ? 0 : (BYTE)(i * 7);
        sum += command[i];
    }
    LONG code = wanted <= sizeof command ? transmit(bytes_of(command, wanted), &length) : -1;
    if (code != SCARD_S_SUCCESS || length != 10) {
        say_code(code);
        return;
    }
    const BYTE *r = received;
    uint32_t seen = (uint32_t)r[0] << 24 | (uint32_t)r[1] << 16 | (uint32_t)r[2] << 8 | r[3];
    uint32_t got = (uint32_t)r[4] << 24 | (uint32_t)r[5] << 16 | (uint32_t)r[6] << 8 | r[7];
    printf("%08lX %u %s\n", (unsigned long)code, seen, got == sum ? "sum-right" : "sum-wrong");
}

/* The echo card's C0 answers with that many bytes, each its position modulo 251, and 9000. */
static void do_answer(const char *text) {
    unsigned long wanted = strtoul(text, NULL, 10);
    BYTE command[] = {0, 0xC0, 0, 0, 4, 0, (BYTE)(wanted >> 16), (BYTE)(wanted >> 8), (BYTE)wanted};
    DWORD length = 0;
    LONG code = transmit(BYTES(command), &length);
    bool right = code == SCARD_S_SUCCESS && length == wanted + 2;
    right = right && received[wanted] == 0x90 && received[wanted + 1] == 0;
    for (unsigned long i = 0; right && i < wanted; i++)
        right = received[i] == i % 251;
    printf("%08lX %lu %s\n", (unsigned long)code & 0xFFFFFFFFUL, (unsigned long)length, right ? "right" : "wrong");
}

static void do_attribute(const char *text) {
    DWORD length = MAX_BUFFER_SIZE;
    LONG code = SCardGetAttrib(handle, strtoul(text, NULL, 16), received, &length);
    say(code, bytes_of(received, code == SCARD_S_SUCCESS ? length : 0));
}

static void do_control(const char *text) {
    DWORD length = 0;
    LONG code = SCardControl(handle, strtoul(text, NULL, 16), NULL, 0, received, MAX_BUFFER_SIZE, &length);
    say(code, bytes_of(received, code == SCARD_S_SUCCESS ? length : 0));
}

static void change_of(const char *reader, DWORD from, DWORD timeout_ms) {
    SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = from};
    LONG code = SCardGetStatusChange(context, timeout_ms, &state, 1);
    DWORD events = state.dwEventState;
    known_state = events & ~(DWORD)SCARD_STATE_CHANGED;
    printf("%08lX%s%s%s%s\n", (unsigned long)code & 0xFFFFFFFFUL, events & SCARD_STATE_PRESENT ? " present" : "",
           events & SCARD_STATE_EMPTY ? " empty" : "", events & SCARD_STATE_UNAVAILABLE ? " unavailable" : "",
           events & SCARD_STATE_MUTE ? " mute" : "");
}

static void do_state(const char *reader) {
    change_of(reader, SCARD_STATE_UNAWARE, 0);
}

static void do_change(const char *text) {
    const char *last = strrchr(text, ' ');
    char *reader = strndup(text, last == NULL ? 0 : (size_t)(last - text));
    if (reader != NULL)
        change_of(reader, known_state, last == NULL ? 0 : strtoul(last + 1, NULL, 10));
    free(reader);
}

/* The upper half of dwEventState (pcsc-lite's SCardGetStatusChange). */
static void do_count(const char *reader) {
    SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
    LONG code = SCardGetStatusChange(context, 0, &state, 1);
    printf("%08lX %lu\n", (unsigned long)code & 0xFFFFFFFFUL, (unsigned long)state.dwEventState >> 16);
}

static void do_repeat(const char *text) {
    static BYTE last[ROOM];
    buffer command = BUFFER_INIT(ROOM);
    DWORD length = 0, last_length = 0;
    unsigned different = 0;
    LONG code = hex_decode(text, &command) == RESULT_OK ? SCARD_S_SUCCESS : -1;
    while (code == SCARD_S_SUCCESS) {
        code = transmit(buffer_bytes(&command), &length);
        if (code != SCARD_S_SUCCESS || (length == last_length && memcmp(last, received, length) == 0))
            continue;
        different++;
        memcpy(last, received, last_length = length);
    }
    printf("%08lX %u\n", (unsigned long)code & 0xFFFFFFFFUL, different);
    buffer_wipe(&command);
}

static const struct probe_command {
    const char *name;
    void (*run)(const char *argument);
} commands[] = {
    {"connect", do_connect},       {"connect-t0", do_connect_t0}, {"reconnect", do_reconnect},
    {"disconnect", do_disconnect}, {"begin", do_begin},           {"end", do_end},
    {"status", do_status},         {"transmit", do_transmit},     {"command", do_command},
    {"answer", do_answer},         {"attribute", do_attribute},   {"control", do_control},
    {"state", do_state},           {"change", do_change},         {"connect-exclusive", do_connect_exclusive},
    {"count", do_count},           {"repeat", do_repeat},
};

static int follow_lines(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        line[strcspn(line, "\n")] = 0;
        char *argument = strchr(line, ' ');
        if (argument != NULL)
            *argument++ = 0;
        bool known = false;
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
            if (strcmp(commands[i].name, line) != 0)
                continue;
            commands[i].run(argument != NULL ? argument : "");
            known = true;
        }
        if (!known)
            puts("unknown command");
        fflush(stdout);
    }
    free(line);
    return 0;
}

static int list(void) {
    char names[4096];
    DWORD length = sizeof names;
    LONG code = SCardListReaders(context, NULL, names, &length);
    if (code == SCARD_E_NO_READERS_AVAILABLE)
        return 0;
    if (code != SCARD_S_SUCCESS)
        return 1;
    for (const char *name = names; *name != 0; name += strlen(name) + 1)
        puts(name);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "list") != 0)) {
        fputs("usage: pcsc-probe [list]\n", stderr);
        return 2;
    }
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code != SCARD_S_SUCCESS) {
        fprintf(stderr, "pcsc-probe: %s\n", pcsc_stringify_error(code));
        return 1;
    }
    int status = argc == 2 ? list() : follow_lines();
    SCardReleaseContext(context);
    return status;
}

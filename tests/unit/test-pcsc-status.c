/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-pcsc.so: a question without a time to wait is put so that libpcsclite answers at once, and answered as
 * libpcsclite would have. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <winscard.h>

#include <cmocka.h>

#define READER "Reader 00 00"
#define CARDS(number) ((DWORD)(number) << 16)
#define NEWS SCARD_STATE_CHANGED

void *__wrap_dlsym(void *where, const char *name);
void *__real_dlsym(void *where, const char *name);

/* What the library is asked, and what it has to say of each reader. */
static struct {
    LONG code;
    DWORD state, asked_current, asked_time, asked_count;
    int calls;
} library;

static LONG fake(SCARDCONTEXT context, DWORD milliseconds, SCARD_READERSTATE *states, DWORD count) {
    (void)context;
    library.calls++;
    library.asked_time = milliseconds;
    library.asked_count = count;
    library.asked_current = states[0].dwCurrentState;
    for (DWORD i = 0; i < count && library.code == SCARD_S_SUCCESS; i++) {
        states[i].dwEventState = library.state | NEWS;
        states[i].cbAtr = 2;
        memcpy(states[i].rgbAtr, "\x3B\x80", 2);
    }
    return library.code;
}

void *__wrap_dlsym(void *where, const char *name) {
    union {
        void *object;
        LONG (*function)(SCARDCONTEXT, DWORD, SCARD_READERSTATE *, DWORD);
    } found = {.function = fake};
    if (where != RTLD_NEXT) /* a build that counts coverage asks for itself */
        return __real_dlsym(where, name);
    assert_string_equal(name, "SCardGetStatusChange");
    return found.object;
}

static int prepare(void **state) {
    (void)state;
    memset(&library, 0, sizeof library);
    library.state = CARDS(5) | SCARD_STATE_PRESENT;
    return 0;
}

static SCARD_READERSTATE known(DWORD current) {
    return (SCARD_READERSTATE){.szReader = READER, .dwCurrentState = current};
}

static LONG look(SCARD_READERSTATE *one) {
    LONG code = SCardGetStatusChange(1, 0, one, 1);
    assert_int_equal(library.asked_current, SCARD_STATE_UNAWARE); /* else it spins */
    return code;
}

static void nothing_is_new(void **state) {
    (void)state;
    SCARD_READERSTATE one = known(CARDS(5) | SCARD_STATE_PRESENT);
    assert_int_equal(look(&one), SCARD_E_TIMEOUT);
    assert_int_equal(one.dwEventState, CARDS(5) | SCARD_STATE_PRESENT);
    assert_int_equal(one.dwCurrentState, CARDS(5) | SCARD_STATE_PRESENT);
    /* OpenSC gives back what it was told, the news with it. */
    one = known(CARDS(5) | SCARD_STATE_PRESENT | NEWS);
    assert_int_equal(look(&one), SCARD_E_TIMEOUT);
}

/* libpcsclite's own rules, a row for each way in which what is known can differ from what is now. */
static const struct {
    const char *what;
    DWORD known, now;
    bool is_new;
} rows[] = {
    {"nothing was known", SCARD_STATE_UNAWARE, CARDS(5) | SCARD_STATE_PRESENT, true},
    {"the reader was unknown", SCARD_STATE_UNKNOWN, CARDS(5) | SCARD_STATE_EMPTY, true},
    {"the reader is back", SCARD_STATE_UNAVAILABLE | SCARD_STATE_PRESENT, SCARD_STATE_PRESENT, true},
    {"the reader is gone", SCARD_STATE_PRESENT, SCARD_STATE_UNAVAILABLE | SCARD_STATE_PRESENT, true},
    {"a card came", SCARD_STATE_EMPTY, SCARD_STATE_PRESENT, true},
    {"a card left", SCARD_STATE_PRESENT, SCARD_STATE_EMPTY, true},
    {"a card was exchanged", CARDS(3) | SCARD_STATE_PRESENT, CARDS(5) | SCARD_STATE_PRESENT, true},
    {"a card came and left", CARDS(3) | SCARD_STATE_EMPTY, CARDS(5) | SCARD_STATE_EMPTY, true},
    {"cards were not counted", SCARD_STATE_PRESENT, CARDS(5) | SCARD_STATE_PRESENT, false},
    {"the card is mute", SCARD_STATE_PRESENT, SCARD_STATE_PRESENT | SCARD_STATE_MUTE, true},
    {"the card is mute no more", SCARD_STATE_PRESENT | SCARD_STATE_MUTE, SCARD_STATE_PRESENT, true},
    {"no card is mute", SCARD_STATE_EMPTY | SCARD_STATE_MUTE, SCARD_STATE_EMPTY, false},
    {"the card has come into use", SCARD_STATE_PRESENT, SCARD_STATE_PRESENT | SCARD_STATE_INUSE, false},
    {"the card has become one program's", SCARD_STATE_PRESENT, SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE, false},
    {"the card is used no more", SCARD_STATE_PRESENT | SCARD_STATE_INUSE, SCARD_STATE_PRESENT, true},
    {"the card is nobody's", SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE, SCARD_STATE_PRESENT, true},
    {"the card was shared, and is one program's", SCARD_STATE_PRESENT | SCARD_STATE_INUSE,
     SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE, true},
    {"the card was one program's, and is shared", SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE,
     SCARD_STATE_PRESENT | SCARD_STATE_INUSE, true},
};

static void the_rules(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCARD_READERSTATE one = known(rows[i].known);
        library.state = rows[i].now;
        print_message("%s\n", rows[i].what);
        assert_int_equal(look(&one), rows[i].is_new ? SCARD_S_SUCCESS : SCARD_E_TIMEOUT);
        assert_int_equal(one.dwEventState, rows[i].now | (rows[i].is_new ? NEWS : 0));
        assert_int_equal(one.dwCurrentState, rows[i].known);
        assert_int_equal(one.cbAtr, 2);
    }
}

static void one_of_two_is_new(void **state) {
    (void)state;
    SCARD_READERSTATE two[] = {known(CARDS(5) | SCARD_STATE_PRESENT), known(CARDS(4) | SCARD_STATE_PRESENT)};
    assert_int_equal(SCardGetStatusChange(1, 0, two, 2), SCARD_S_SUCCESS);
    assert_int_equal(two[0].dwEventState & NEWS, 0);
    assert_int_equal(two[1].dwEventState & NEWS, NEWS);
}

static void a_failure_changes_nothing(void **state) {
    (void)state;
    SCARD_READERSTATE one = known(CARDS(5) | SCARD_STATE_PRESENT), before = one;
    library.code = SCARD_E_UNKNOWN_READER;
    assert_int_equal(look(&one), SCARD_E_UNKNOWN_READER);
    assert_memory_equal(&one, &before, sizeof one);
}

/* Whoever waits, and whoever asks for more than readers, asks libpcsclite itself. */
static void the_rest_passes(void **state) {
    (void)state;
    SCARD_READERSTATE many[PCSCLITE_MAX_READERS_CONTEXTS + 1];
    const DWORD current = CARDS(5) | SCARD_STATE_PRESENT;
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = known(current);
    SCardGetStatusChange(1, 7, many, 1);
    assert_int_equal(library.asked_time, 7);
    assert_int_equal(library.asked_current, current);
    SCardGetStatusChange(1, 0, many, sizeof many / sizeof *many);
    assert_int_equal(library.asked_count, sizeof many / sizeof *many);
    assert_int_equal(library.asked_current, current);
    many[1] = (SCARD_READERSTATE){.szReader = "\\\\?PnP?\\Notification", .dwCurrentState = current};
    SCardGetStatusChange(1, 0, many, 2);
    assert_int_equal(library.asked_current, current);
    many[1] = known(current | SCARD_STATE_IGNORE);
    SCardGetStatusChange(1, 0, many, 2);
    assert_int_equal(library.asked_current, current);
    assert_int_equal(library.calls, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_new, prepare),    cmocka_unit_test_setup(the_rules, prepare),
        cmocka_unit_test_setup(one_of_two_is_new, prepare), cmocka_unit_test_setup(a_failure_changes_nothing, prepare),
        cmocka_unit_test_setup(the_rest_passes, prepare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module's calls to the card drivers, which it finds among the loaded libraries by their entry points: here there
 * are two, and one library that is none. */
#include "pkcs11-jpki/module/module_rights.h"

#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define READER "Uketsuke SE"

static CK_UTF8CHAR reader[READER_NAME_SIZE];
static int taking[2];
static hold_state holds[2];
static officer_answer officer;
static unsigned about[2];
static int silence[2];
static unsigned restored;
static char asked[READER_NAME_SIZE + 1]; /* the reader of the last call */

static void note(const char *name) {
    snprintf(asked, sizeof asked, "%s", name != NULL ? name : "(all)");
}

static int take_first(const char *name) {
    note(name);
    return taking[0];
}

static int take_second(const char *name) {
    note(name);
    return taking[1];
}

static int silence_first(const char *name) {
    restored += name == NULL;
    return silence[0];
}

static int silence_second(const char *name) {
    restored += name == NULL;
    return silence[1];
}

static officer_answer ask_officer(const char *name, const unsigned char *pin, unsigned long length) {
    note(name);
    assert_int_equal(length, 4);
    assert_memory_equal(pin, "1234", 4);
    return officer;
}

static hold_state hold_first(const char *name) {
    note(name);
    return holds[0];
}

static hold_state hold_second(const char *name) {
    note(name);
    return holds[1];
}

static void host_second(unsigned what) {
    about[1] = what;
}

/* --- the loader: a library is known by its name's place in the table ---------------------------------------------- */

static const struct library {
    const char *name;
    struct {
        const char *name;
        void (*function)(void);
    } entries[5];
} libraries[] = {
    {"libc.so.6", {{NULL, NULL}}},
    {"first.so",
     {{RIGHTS_ENTRY, (void (*)(void))take_first},
      {LOG_ENTRY, (void (*)(void))silence_first},
      {HOLD_ENTRY, (void (*)(void))hold_first}}},
    {"second.so",
     {{RIGHTS_ENTRY, (void (*)(void))take_second},
      {LOG_ENTRY, (void (*)(void))silence_second},
      {OFFICER_ENTRY, (void (*)(void))ask_officer},
      {HOLD_ENTRY, (void (*)(void))hold_second},
      {HOST_ENTRY, (void (*)(void))host_second}}},
};
static int loaded;

int __wrap_dl_iterate_phdr(int (*visit)(struct dl_phdr_info *about, size_t size, void *context), void *context);
void *__wrap_dlopen(const char *name, int mode);
int __wrap_dlclose(void *library);
void *__wrap_dlsym(void *library, const char *name);
void *__real_dlsym(void *library, const char *name);

int __wrap_dl_iterate_phdr(int (*visit)(struct dl_phdr_info *about, size_t size, void *context), void *context) {
    struct dl_phdr_info program = {.dlpi_name = ""};
    visit(&program, sizeof program, context);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        struct dl_phdr_info one = {.dlpi_name = libraries[i].name};
        visit(&one, sizeof one, context);
    }
    return 0;
}

void *__wrap_dlopen(const char *name, int mode) {
    assert_true(mode & RTLD_NOLOAD);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (strcmp(name, libraries[i].name) == 0) {
            loaded++;
            return (void *)(uintptr_t)&libraries[i];
        }
    return NULL;
}

int __wrap_dlclose(void *library) {
    (void)library;
    loaded--;
    return 0;
}

void *__wrap_dlsym(void *library, const char *name) {
    const struct library *one = libraries;
    while (one < libraries + sizeof libraries / sizeof *libraries && one != library)
        one++;
    if (one == libraries + sizeof libraries / sizeof *libraries)
        return __real_dlsym(library, name); /* of the program itself */
    union {
        void (*function)(void);
        void *object;
    } entry = {NULL};
    for (size_t i = 0; i < 5 && one->entries[i].name != NULL; i++)
        if (strcmp(one->entries[i].name, name) == 0)
            entry.function = one->entries[i].function;
    return entry.object;
}

static int begin(void **state) {
    (void)state;
    memset(reader, ' ', sizeof reader);
    memcpy(reader, READER, strlen(READER));
    memset(taking, 0, sizeof taking);
    memset(holds, 0, sizeof holds);
    silence[0] = silence[1] = -1;
    restored = 0;
    rights_begin();
    return 0;
}

static int end(void **state) {
    (void)state;
    rights_end();
    assert_int_equal(loaded, 0); /* each library is let go as often as it was taken */
    return 0;
}

static void drivers_are_kept_and_other_libraries_are_not(void **state) {
    (void)state;
    assert_int_equal(loaded, 2);
    rights_host(HOST_WITH_STOCK);
    assert_int_equal(about[1], HOST_WITH_STOCK);
}

static void the_worst_outcome_is_told(void **state) {
    static const struct {
        int outcomes[2];
        CK_RV due;
    } rows[] = {
        {{0, 0}, CKR_OK},
        {{RIGHTS_CARD_REMOVED, 0}, CKR_DEVICE_REMOVED},
        {{0, RIGHTS_CARD_REMOVED}, CKR_DEVICE_REMOVED},
        {{RIGHTS_FAILED, 0}, CKR_DEVICE_ERROR},
        {{RIGHTS_FAILED, RIGHTS_CARD_REMOVED}, CKR_DEVICE_ERROR},
        {{RIGHTS_CARD_REMOVED, RIGHTS_FAILED}, CKR_DEVICE_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(taking, rows[i].outcomes, sizeof taking);
        if (rights_revoke(reader) != rows[i].due)
            fail_msg("row %zu", i);
        assert_string_equal(asked, READER); /* without the blanks */
    }
    memset(taking, 0, sizeof taking);
    assert_int_equal(rights_revoke(NULL), CKR_OK);
    assert_string_equal(asked, "(all)");
}

static void a_long_name_is_given_whole(void **state) {
    (void)state;
    memset(reader, 'R', sizeof reader);
    rights_revoke(reader);
    assert_int_equal(strlen(asked), READER_NAME_SIZE);
}

static void the_first_driver_that_holds_answers(void **state) {
    static const hold_state rows[][3] = {{HOLD_NOTHING, HOLD_NOTHING, HOLD_NOTHING},
                                         {HOLD_HELD, HOLD_NOTHING, HOLD_HELD},
                                         {HOLD_NOTHING, HOLD_OVER, HOLD_OVER},
                                         {HOLD_OVER, HOLD_HELD, HOLD_OVER}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        holds[0] = rows[i][0];
        holds[1] = rows[i][1];
        assert_int_equal(rights_hold(reader), rows[i][2]);
    }
}

static void each_answer_about_the_officer_has_its_value(void **state) {
    static const struct {
        officer_answer answer;
        CK_RV due;
    } rows[] = {{OFFICER_RIGHT, CKR_OK},
                {OFFICER_WRONG, CKR_PIN_INCORRECT},
                {OFFICER_LOCKED, CKR_PIN_LOCKED},
                {OFFICER_FAILED, CKR_DEVICE_ERROR},
                {OFFICER_UNKNOWN, CKR_USER_TYPE_INVALID}};
    CK_UTF8CHAR pin[] = "1234";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        officer = rows[i].answer;
        assert_int_equal(rights_verify_officer(reader, pin, 4), rows[i].due);
        assert_string_equal(asked, READER);
    }
}

static void the_log_is_off_when_one_driver_has_done_it(void **state) {
    (void)state;
    assert_false(rights_silence_log(reader));
    silence[1] = 0;
    assert_true(rights_silence_log(reader));
    assert_int_equal(restored, 0);
    rights_restore_log();
    assert_int_equal(restored, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(drivers_are_kept_and_other_libraries_are_not),
        TEST(the_worst_outcome_is_told),
        TEST(a_long_name_is_given_whole),
        TEST(the_first_driver_that_holds_answers),
        TEST(each_answer_about_the_officer_has_its_value),
        TEST(the_log_is_off_when_one_driver_has_done_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

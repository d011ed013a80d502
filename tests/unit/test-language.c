/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The language of what people read: whose it is, catalogues in both byte orders, damaged ones. */
#include "base/buffer.h"
#include "base/catalogue.h"
#include "base/file.h"
#include "base/language.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- a catalogue -------------------------------------------------------------------------------------------------- */

/* One text and its length without the last NUL: plural forms have NULs inside. */
#define TEXT(literal) {literal, sizeof(literal) - 1}

typedef struct text {
    const char *data;
    size_t length;
} text;

/* In the order of strcmp, as msgfmt sorts them. */
static const struct {
    text english, japanese;
} messages[] = {
    {TEXT(""), TEXT("Content-Type: text/plain; charset=UTF-8\n")},
    {TEXT("%d of %s"), TEXT("%2$sのうち%1$d件")},
    {TEXT("Log in"), TEXT("ログイン")},
    {TEXT("No word for it"), TEXT("")},
    {TEXT("one\0%d many"), TEXT("%d件\0%d個")},
    {TEXT("that %s"), TEXT("それは%d")},
};
#define MESSAGE_COUNT (sizeof messages / sizeof *messages)
#define HEAD_WORDS 7

static void word(buffer *file, bool big, size_t value) {
    const uint32_t v = (uint32_t)value;
    const uint8_t little[] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    if (big)
        buffer_append_u32(file, v);
    else
        buffer_append(file, BYTES(little));
}

/* Head, table of the originals, table of the translations, all texts. */
static buffer made(bool big) {
    buffer file = BUFFER_INIT(4096);
    const size_t tables = HEAD_WORDS * 4;
    size_t offset = tables + 2 * MESSAGE_COUNT * 8;
    const size_t head[HEAD_WORDS] = {0x950412de, 0, MESSAGE_COUNT, tables, tables + MESSAGE_COUNT * 8, 0, offset};
    for (size_t i = 0; i < HEAD_WORDS; i++)
        word(&file, big, head[i]);
    for (size_t i = 0; i < 2 * MESSAGE_COUNT; i++) {
        const text *t = i < MESSAGE_COUNT ? &messages[i].english : &messages[i - MESSAGE_COUNT].japanese;
        word(&file, big, t->length);
        word(&file, big, offset);
        offset += t->length + 1;
    }
    for (size_t i = 0; i < 2 * MESSAGE_COUNT; i++) {
        const text *t = i < MESSAGE_COUNT ? &messages[i].english : &messages[i - MESSAGE_COUNT].japanese;
        buffer_append(&file, bytes_of(t->data, t->length + 1));
    }
    assert_int_equal(file.failed, RESULT_OK);
    return file;
}

static void both_byte_orders_are_read(void **state) {
    (void)state;
    for (int big = 0; big <= 1; big++) {
        buffer file = made(big);
        catalogue c;
        assert_int_equal(catalogue_open(&c, buffer_bytes(&file)), RESULT_OK);
        assert_string_equal(catalogue_text(&c, "Log in", "Log in", 0), "ログイン");
        assert_string_equal(catalogue_text(&c, "%d of %s", "%d of %s", 0), "%2$sのうち%1$d件");
        assert_string_equal(catalogue_text(&c, "one", "%d many", 0), "%d件");
        assert_string_equal(catalogue_text(&c, "one", "%d many", 1), "%d個");
        assert_null(catalogue_text(&c, "one", "%d many", 2));
        assert_null(catalogue_text(&c, "No word for it", "No word for it", 0));
        assert_null(catalogue_text(&c, "Log out", "Log out", 0));
        assert_null(catalogue_text(&c, "that %s", "that %s", 0));
        buffer_wipe(&file);
    }
}

static void a_translation_takes_what_printf_is_given(void **state) {
    (void)state;
    static const struct {
        const char *english, *japanese;
        bool good;
    } cases[] = {
        {"%s: %zu", "%s: %zu", true},
        {"%s: %zu", "%2$zu (%1$s)", true},
        {"%-8s", "%s", true},
        {"%d %%", "%d %%", true},
        {"plain", "plain %s", false},
        {"plain", "100%", false},
        {"%s", "%d", false},
        {"%s", "%n", false},
        {"%s", "%s %s", false},
        {"%s", "%1$s %2$s", false},
        {"%s %s", "%s", false},
        {"%s %s", "%1$s %s", false},
        {"%s %s", "%s %2$s", false},
        {"%d %s", "%s %s %1$d", false},
        {"%d %s", "%1$s %2$s %1$d", false},
        {"%ld", "%d", false},
        {"%d", "%*d", false},
        {"%d", "%0$d", false},
        {"%d", "%99999999999999999999$d", false},
        {"%d", "%", false},
        {"%d", "%l", false},
        {"%*d", "%*d", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer file = BUFFER_INIT(512);
        catalogue c;
        const size_t here = HEAD_WORDS * 4, english = strlen(cases[i].english);
        const size_t words[] = {0x950412de,
                                0,
                                1,
                                here,
                                here + 8,
                                0,
                                0,
                                english,
                                here + 16,
                                strlen(cases[i].japanese),
                                here + 16 + english + 1};
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            word(&file, false, words[w]);
        buffer_append(&file, bytes_of(cases[i].english, english + 1));
        buffer_append(&file, bytes_of(cases[i].japanese, strlen(cases[i].japanese) + 1));
        assert_int_equal(catalogue_open(&c, buffer_bytes(&file)), RESULT_OK);
        const char *got = catalogue_text(&c, cases[i].english, cases[i].english, 0);
        if (cases[i].good)
            assert_string_equal(got, cases[i].japanese);
        else
            assert_null(got);
        buffer_wipe(&file);
    }
}

/* --- damaged ------------------------------------------------------------------------------------------------------ */

/* In memory of exactly its size, so that a sanitizer sees a step outside. Whatever is found lies inside. */
static result read_copy(bytes file) {
    uint8_t *copy = malloc(file.length > 0 ? file.length : 1);
    catalogue c;
    assert_non_null(copy);
    if (file.length > 0)
        memcpy(copy, file.data, file.length);
    const result code = catalogue_open(&c, bytes_of(copy, file.length));
    for (size_t i = 0; code == RESULT_OK && i < MESSAGE_COUNT; i++)
        for (size_t form = 0; form < 3; form++) {
            const char *english = messages[i].english.data, *got = catalogue_text(&c, english, english, form);
            assert_true(got == NULL ||
                        ((const uint8_t *)got >= copy && (const uint8_t *)got + strlen(got) < copy + file.length));
        }
    free(copy);
    return code;
}

static void a_damaged_file_is_refused(void **state) {
    (void)state;
    /* where in the head or the first row, what, and what is said of it */
    static const struct {
        size_t word, value;
        result code;
    } wrong[] = {
        {0, 0x950412df, RESULT_INVALID},   {1, 0x00020000, RESULT_UNSUPPORTED}, {2, 0xFFFFFFFF, RESULT_TRUNCATED},
        {2, 0x10000000, RESULT_TRUNCATED}, {3, 0xFFFFFFFF, RESULT_TRUNCATED},   {4, 0xFFFFFFF8, RESULT_TRUNCATED},
        {7, 0xFFFFFFFF, RESULT_TRUNCATED}, {8, 0xFFFFFFFF, RESULT_TRUNCATED},   {9, 7, RESULT_INVALID},
        {9, 4000, RESULT_TRUNCATED},       {10, 4000, RESULT_TRUNCATED},
    };
    buffer file = made(false);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        buffer altered = BUFFER_INIT(4096), value = BUFFER_INIT(4);
        buffer_append(&altered, buffer_bytes(&file));
        word(&value, false, wrong[i].value);
        memcpy(altered.data + wrong[i].word * 4, value.data, value.length);
        assert_int_equal(read_copy(buffer_bytes(&altered)), wrong[i].code);
        buffer_wipe(&altered);
        buffer_wipe(&value);
    }
    for (size_t length = 0; length < file.length; length++)
        assert_int_not_equal(read_copy(bytes_of(file.data, length)), RESULT_OK);
    buffer_wipe(&file);
}

static void no_altered_byte_leads_outside(void **state) {
    (void)state;
    buffer file = made(true);
    for (size_t i = 0; i < file.length; i++)
        for (int bit = 0; bit < 8; bit++) {
            file.data[i] ^= (uint8_t)(1 << bit);
            read_copy(buffer_bytes(&file));
            file.data[i] ^= (uint8_t)(1 << bit);
        }
    assert_int_equal(read_copy(buffer_bytes(&file)), RESULT_OK);
    buffer_wipe(&file);
}

/* --- which language ----------------------------------------------------------------------------------------------- */

static void the_environment_chooses(void **state) {
    (void)state;
    static const struct {
        const char *all, *messages, *lang, *list, *wanted;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "en"},
        {NULL, NULL, "ja_JP.UTF-8", NULL, "ja"},
        {NULL, NULL, "ja", NULL, "ja"},
        {NULL, NULL, "ja@x", NULL, "ja"},
        {"", "", "ja_JP", "", "ja"},
        {NULL, NULL, "jam_JM.UTF-8", NULL, "en"},
        {NULL, NULL, "j", NULL, "en"},
        {NULL, NULL, "fr_FR.UTF-8", NULL, "en"},
        {NULL, "ja_JP.UTF-8", "en_US.UTF-8", NULL, "ja"},
        {NULL, "en_US.UTF-8", "ja_JP.UTF-8", NULL, "en"},
        {"C", NULL, "ja_JP.UTF-8", NULL, "en"},
        {"ja_JP.eucJP", "C", "C", NULL, "ja"},
        {NULL, NULL, "C", "ja", "en"},
        {NULL, NULL, "POSIX", "ja", "en"},
        {NULL, NULL, "C.UTF-8", "ja", "en"},
        {NULL, NULL, NULL, "ja", "en"},
        {NULL, NULL, "en_US.UTF-8", "ja", "ja"},
        {NULL, NULL, "ja_JP.UTF-8", "en:ja", "en"},
        {NULL, NULL, "ja_JP.UTF-8", "fr", "en"},
        {NULL, NULL, "de_DE.UTF-8", "fr::ja_JP:en", "ja"},
        {NULL, NULL, "ja_JP.UTF-8", "fr:C:ja", "en"},
        {NULL, NULL, "ja_JP.UTF-8", ":", "en"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const variables[][2] = {{"LC_ALL", cases[i].all},
                                            {"LC_MESSAGES", cases[i].messages},
                                            {"LANG", cases[i].lang},
                                            {"LANGUAGE", cases[i].list}};
        for (size_t v = 0; v < 4; v++)
            if (variables[v][1] != NULL)
                setenv(variables[v][0], variables[v][1], 1);
            else
                unsetenv(variables[v][0]);
        assert_string_equal(language_name(language_wanted()), cases[i].wanted);
    }
}

static void only_known_languages_have_a_name(void **state) {
    (void)state;
    char endless[100000];
    memset(endless, 'j', sizeof endless - 1);
    endless[sizeof endless - 1] = 0;
    const char *const unknown[] = {NULL, "", "j", "jaa", "JA", "ja_JP", "ja:en", "../ja", "%s%n", endless};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_string_equal(language_name(language_named(unknown[i])), "en");
    assert_string_equal(language_name(language_named("ja")), "ja");
    assert_string_equal(language_name(language_named("en")), "en");
}

/* --- speaking ----------------------------------------------------------------------------------------------------- */

#define TURNS 20000

/* A thread speaks its own language from beginning to end, whatever others speak. */
static void *speak_for_a_while(void *name) {
    const bool japanese = strcmp(name, "ja") == 0;
    intptr_t wrong = strcmp(language_text("Log in"), "Log in") != 0; /* not yet */
    language_speak(language_named(name));
    for (int i = 0; i < TURNS; i++) {
        wrong += strcmp(language_text("Log in"), japanese ? "ログイン" : "Log in") != 0;
        wrong += strcmp(language_plural("one", "%d many", 2), japanese ? "%d件" : "%d many") != 0;
    }
    wrong += strcmp(language_text("unheard of"), "unheard of") != 0;
    return (void *)wrong;
}

static void each_thread_speaks_its_own(void **state) {
    (void)state;
    static char folder[] = "/tmp/test-language.XXXXXX";
    char path[200];
    buffer file = made(false);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ja/LC_MESSAGES", folder);
    assert_int_equal(file_make_folders(path, 0700), RESULT_OK);
    snprintf(path, sizeof path, "%s/ja/LC_MESSAGES/test.mo", folder);
    assert_int_equal(file_replace(path, buffer_bytes(&file), 0600), RESULT_OK);
    buffer_wipe(&file);
    language_begin(folder, "test");
    static char names[][3] = {"ja", "en"};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, speak_for_a_while, names[i % 2]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    const language *before = language_speak(language_named("ja"));
    assert_string_equal(language_name(before), "en");
    assert_string_equal(language_text("Log in"), "ログイン");
    assert_string_equal(language_name(language_speak(before)), "ja");
    assert_string_equal(language_text("Log in"), "Log in");
    assert_string_equal(language_plural("one", "%d many", 1), "one");
    unlink(path);
    for (char *end; (end = strrchr(path, '/')) > path + strlen("/tmp"); rmdir(path))
        *end = 0;
}

/* What msgfmt makes of the terminal's own messages: each is found, and is fit to be shown. */
static void the_terminal_s_catalogue_is_usable(void **state) {
    (void)state;
    char path[4096];
    buffer file = BUFFER_INIT(CATALOGUE_MAX);
    catalogue c;
    snprintf(path, sizeof path, "%s/apps/terminal/locale/ja/LC_MESSAGES/uketsuke.mo", getenv("top_builddir"));
    assert_int_equal(file_read(path, &file), RESULT_OK);
    assert_int_equal(catalogue_open(&c, buffer_bytes(&file)), RESULT_OK);
    assert_true(c.count > 400);
    for (uint32_t row = 1; row < c.count; row++) { /* the first one is the head */
        uint32_t length, offset;
        memcpy(&length, file.data + c.originals + row * 8, sizeof length);
        memcpy(&offset, file.data + c.originals + row * 8 + 4, sizeof offset);
        const char *english = (const char *)file.data + offset;
        const char *printed = strlen(english) < length ? english + strlen(english) + 1 : english;
        if (catalogue_text(&c, english, printed, 0) == NULL)
            fail_msg("not usable: %s", english);
    }
    buffer_wipe(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_are_read),  cmocka_unit_test(a_translation_takes_what_printf_is_given),
        cmocka_unit_test(a_damaged_file_is_refused),  cmocka_unit_test(no_altered_byte_leads_outside),
        cmocka_unit_test(the_environment_chooses),    cmocka_unit_test(only_known_languages_have_a_name),
        cmocka_unit_test(each_thread_speaks_its_own), cmocka_unit_test(the_terminal_s_catalogue_is_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

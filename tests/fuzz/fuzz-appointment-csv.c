/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments of another program as CSV. A file says the same in UTF-8 and in Shift_JIS. */
#include "appointment-rules.h"

#include "neighbours/csv_reader.h"
#include "neighbours/text_encoding.h"

#include <string.h>

#define HEADING "予約日,予約時刻,診察券番号,氏名,カナ,生年月日,診療科\r\n"
#define ROW "2026-12-02,09:30,1001,例示　太郎,レイジ　タロウ,1972-11-03,内科\r\n"
#define SHORT "2026-12-02,,1,,,19721103\n"

/* --- seeds -------------------------------------------------------------------------------------------------------- */

static void give(const char *name, const char *text) {
    fuzz_give_seed(name, bytes_of(text, strlen(text)));
}

static void give_in_both(void) {
    buffer windows = BUFFER_INIT(4096);
    const char *text = HEADING ROW "2026/12/3,0930,,\"a\"\"b\",ﾚｲｼﾞ,1985/4/1,\r\n";
    give("utf-8", text);
    give("mark", "\xEF\xBB\xBF" HEADING ROW);
    FUZZ_REQUIRE(text_encode(ENCODING_SHIFT_JIS, bytes_of(text, strlen(text)), &windows) == RESULT_OK);
    fuzz_give_seed("shift-jis", buffer_bytes(&windows));
    buffer_wipe(&windows);
}

/* One of them so many times. */
static void give_many(const char *name, const char *before, size_t times, const char *part, const char *after) {
    buffer seed = BUFFER_INIT(65536);
    buffer_append_text(&seed, before);
    appointments_repeat(&seed, times, part);
    buffer_append_text(&seed, after);
    FUZZ_REQUIRE(seed.failed == RESULT_OK);
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count;
    (void)arguments;
    give_in_both();
    give("numbers", HEADING "2026-12-02,,1234-5678-9018,,,1972-11-03,\n");
    give("heading", "個人番号,予約日,予約日\n");
    give("wrong", HEADING "x,25:00,!,=1,@,1972-02-30,+\n\"\n");
    give_many("most", HEADING, APPOINTMENTS_MAX, SHORT, "");
    give_many("more", HEADING, APPOINTMENTS_MAX + 1, SHORT, ROW);
    give_many("faults", HEADING, APPOINTMENT_FAULTS_MAX + 1, "x,,1,,,19721103\n", ROW);
    give_many("cells", "予約日,生年月日,カナ", CSV_CELLS_MAX - 3, ",x", "\n20261202,19900101,a\n");
    give_many("more-cells", "予約日,生年月日,カナ", CSV_CELLS_MAX - 2, ",x", "\n20261202,19900101,a\n");
    give_many("row", "予約日,生年月日,カナ\n20261202,19900101,a,", CSV_ROW_MAX - 21, "x", "\n" SHORT);
    give_many("longer-row", "予約日,生年月日,カナ\n20261202,19900101,a,", CSV_ROW_MAX - 20, "x", "\n" SHORT);
    give_many("largest", HEADING "\"", 65535, "0123456789012345678901234567890123456789012345678901234567890", "");
    return 0;
}

/* --- the target --------------------------------------------------------------------------------------------------- */

static appointment_file read_file(bytes content) {
    appointment_file file = appointments_begin();
    FUZZ_REQUIRE(appointment_csv_read(content, &file) == RESULT_OK);
    appointments_require(&file);
    return file;
}

/* The same text in the other encoding, when that has all of its characters, and cannot be taken for UTF-8. */
static bool is_other(bytes content, buffer *windows) {
    buffer back = BUFFER_INIT(2 * APPOINTMENT_FILE_MAX);
    bool good = text_encode(ENCODING_SHIFT_JIS, content, windows) == RESULT_OK &&
                text_decode(ENCODING_UTF8, buffer_bytes(windows), &back) == RESULT_INVALID;
    buffer_clear(&back);
    good = good && text_decode(ENCODING_SHIFT_JIS, buffer_bytes(windows), &back) == RESULT_OK &&
           back.length == content.length && memcmp(back.data, content.data, content.length) == 0;
    buffer_wipe(&back);
    return good;
}

static void require_the_same(const appointment_file *a, const appointment_file *b) {
    FUZZ_REQUIRE(a->count == b->count && a->passed_over == b->passed_over && a->fault_count == b->fault_count);
    FUZZ_REQUIRE(a->personal_number == b->personal_number);
    FUZZ_REQUIRE(a->count == 0 || memcmp(a->rows, b->rows, a->count * sizeof *a->rows) == 0);
    for (size_t i = 0; i < a->fault_count && i < APPOINTMENT_FAULTS_MAX; i++)
        FUZZ_REQUIRE(strcmp(a->faults[i].place, b->faults[i].place) == 0 && a->faults[i].why == b->faults[i].why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    buffer content = BUFFER_INIT(APPOINTMENT_FILE_MAX), windows = BUFFER_INIT(APPOINTMENT_FILE_MAX);
    if (appointments_expand(bytes_of(data, size), &content)) {
        appointment_file file = read_file(buffer_bytes(&content));
        if (is_other(buffer_bytes(&content), &windows)) {
            appointment_file other = read_file(buffer_bytes(&windows));
            require_the_same(&file, &other);
            appointment_file_free(&other);
        }
        appointment_file_free(&file);
    }
    buffer_wipe(&content);
    buffer_wipe(&windows);
    return 0;
}

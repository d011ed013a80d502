/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal is made of, read from a made tree of files: what is there, what is not, and what only looks like it. */
#include "acceptance/unit_facts.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static char root[] = "/tmp/test-unit-facts-XXXXXX";

static int make_root(void **state) {
    (void)state;
    strcpy(strrchr(root, '-') + 1, "XXXXXX");
    return mkdtemp(root) == NULL;
}

static int remove_root(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void put(const char *name, const char *content, size_t length) {
    char path[512], folder[512];
    snprintf(path, sizeof path, "%s%s", root, name);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    assert_int_equal(file_make_folders(folder, 0700), RESULT_OK);
    assert_int_equal(file_replace(path, bytes_of(content, length), 0600), RESULT_OK);
}

static void put_text(const char *name, const char *text) {
    put(name, text, strlen(text));
}

static void is_text(const json_t *facts, const char *name, const char *expected) {
    const json_t *value = json_object_get(facts, name);
    if (expected == NULL)
        assert_true(json_is_null(value));
    else
        assert_string_equal(json_string_value(value), expected);
}

static void test_nothing_to_be_seen(void **state) {
    static const char *const names[] = {"vendor", "product", "productSerial",   "firmware",     "secureBoot",
                                        "tpm",    "kernel",  "operatingSystem", "imageVersion", "rootHash"};
    json_t *facts = unit_facts(root);
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_text(facts, names[i], NULL);
    assert_true(json_is_false(json_object_get(facts, "uefi")));
    json_decref(facts);
}

static void test_a_terminal(void **state) {
    (void)state;
    put_text("/sys/class/dmi/id/sys_vendor", "Example\n");
    put_text("/sys/class/dmi/id/product_name", "Desk 100\n");
    put_text("/sys/class/tpm/tpm0/tpm_version_major", "2\n");
    put(SECURE_BOOT, "\x06\0\0\0\x01", 5);
    put_text("/proc/sys/kernel/osrelease", "6.1.0\n");
    put_text("/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\nIMAGE_VERSION=7\n");
    put_text("/proc/cmdline", "quiet usr.roothash=bad roothash=0123abcd ro\n");
    json_t *facts = unit_facts(root);
    is_text(facts, "vendor", "Example");
    is_text(facts, "product", "Desk 100");
    is_text(facts, "tpm", "2");
    is_text(facts, "kernel", "6.1.0");
    is_text(facts, "operatingSystem", "Debian GNU/Linux 12");
    is_text(facts, "imageVersion", "7");
    is_text(facts, "rootHash", "0123abcd");
    assert_true(json_is_true(json_object_get(facts, "uefi")));
    assert_true(json_is_true(json_object_get(facts, "secureBoot")));
    json_decref(facts);
}

static void test_secure_boot_off_or_strange(void **state) {
    (void)state;
    put(SECURE_BOOT, "\x06\0\0\0\0", 5);
    json_t *facts = unit_facts(root);
    assert_true(json_is_false(json_object_get(facts, "secureBoot")));
    json_decref(facts);
    put(SECURE_BOOT, "\x01", 1);
    put_text("/sys/class/dmi/id/sys_vendor", "\n");
    facts = unit_facts(root);
    is_text(facts, "secureBoot", NULL);
    is_text(facts, "vendor", NULL);
    json_decref(facts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_to_be_seen, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_a_terminal, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_secure_boot_off_or_strange, make_root, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

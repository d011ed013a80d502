/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the IFD handler listens: the names of its devices, and sockets that are made and removed with care. */
#include "backend_link.h"

#include <fcntl.h>
#include <ifdhandler.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define LUN 0x00010000

static char folder[] = "/tmp/uketsuke-test-ifd.XXXXXX";
static char path[64], device[160];

/* In the C library's place: who owns a folder. */
static uid_t told_owner; /* of every file; 0: as it is */

int fstat(int fd, struct stat *out) {
    int code = fstatat(fd, "", out, AT_EMPTY_PATH);
    if (code == 0 && told_owner != 0)
        out->st_uid = told_owner;
    return code;
}

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/reader.sock", folder);
    snprintf(device, sizeof device, "cardlink:deadline=300:%s", path);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static void device_names(void **state) {
    (void)state;
    link_options options;
    /* clang-format off */
    static const char *const bad[] = {
        "", "cardlink:", "cardlink:x", "vpcd:/a", "cardlink:/", "cardlink:/a/", "cardlink:deadline=5:/a",
        "cardlink:deadline=:/a",
        "cardlink:deadline=1000", "cardlink:peer=-1:/a", "cardlink:peer=4294967295:/a", "cardlink:unknown=1:/a",
        "cardlink:deadline=99999999999999999999:/a", "cardlink:/a/..", "cardlink:/a/.hidden", "cardlink:deadline=100/a",
        "cardlink:deadline=9:/a", "cardlink:deadline=600001:/a",
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(link_parse_device(bad[i], &options), RESULT_INVALID);
    assert_int_equal(link_parse_device("cardlink:/run/a.sock", &options), RESULT_OK);
    assert_int_equal(options.deadline_ms, 30000);
    assert_true(options.peer == (uid_t)-1);
    assert_int_equal(link_parse_device("cardlink:peer=997:deadline=1500:/run/a.sock", &options), RESULT_OK);
    assert_int_equal(options.deadline_ms, 1500);
    assert_int_equal(options.peer, 997);
    assert_string_equal(options.path, "/run/a.sock");
    assert_int_equal(link_parse_device("cardlink:deadline=10:/a", &options), RESULT_OK);
    assert_int_equal(link_parse_device("cardlink:deadline=600000:/a", &options), RESULT_OK);
    /* ".new" and the end must fit behind the name. */
    char named[LINK_NAME_SIZE + 16];
    for (int length = LINK_NAME_SIZE - 6; length < LINK_NAME_SIZE; length++) {
        snprintf(named, sizeof named, "cardlink:/%0*d", length, 0);
        assert_int_equal(link_parse_device(named, &options), length + 5 <= LINK_NAME_SIZE ? RESULT_OK : RESULT_INVALID);
    }
}

static void sockets_are_made_with_care(void **state) {
    (void)state;
    char nowhere[] = "cardlink:/nowhere/at/all.sock";
    struct stat about;
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_SUCCESS);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0660);
    char other[192];
    snprintf(other, sizeof other, "%s2", device);
    assert_int_equal(IFDHCreateChannelByName(LUN, other), IFD_COMMUNICATION_ERROR);            /* number in use */
    assert_int_equal(IFDHCreateChannelByName(LUN + 0x10000, device), IFD_COMMUNICATION_ERROR); /* socket in use */
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(IFDHCloseChannel(LUN), IFD_SUCCESS);
    assert_int_not_equal(stat(path, &about), 0);

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof address), 0);
    close(stale);
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_SUCCESS);
    assert_int_equal(IFDHCloseChannel(LUN), IFD_SUCCESS);

    FILE *precious = fopen(path, "we");
    fclose(precious);
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_COMMUNICATION_ERROR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nowhere", path), 0);
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_COMMUNICATION_ERROR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_COMMUNICATION_ERROR);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(IFDHCreateChannelByName(LUN, nowhere), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHCreateChannel(LUN, 0), IFD_NO_SUCH_DEVICE);
}

static void sixteen_readers(void **state) {
    (void)state;
    char name[200];
    for (int i = 0; i <= 16; i++) {
        snprintf(name, sizeof name, "cardlink:%s/%d.sock", folder, i);
        assert_int_equal(IFDHCreateChannelByName((DWORD)i << 16, name), i < 16 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR);
    }
    for (int i = 0; i < 16; i++)
        assert_int_equal(IFDHCloseChannel((DWORD)i << 16), IFD_SUCCESS);
}

/* Of every link this process makes: root's folders are trusted, and its own. */
static void folders_have_trusted_owners(void **state) {
    static const struct {
        uid_t owner_above;
        const char *peer;
        RESPONSECODE due;
    } rows[] = {
        {0, "", IFD_SUCCESS},
        {1000, "", IFD_COMMUNICATION_ERROR},
        {1000, "peer=%u:", IFD_SUCCESS},
        {1001, "peer=%u:", IFD_COMMUNICATION_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char peer[32] = "", name[200];
        if (rows[i].peer[0] != 0)
            snprintf(peer, sizeof peer, "peer=%u:", (unsigned)geteuid() + 1000);
        snprintf(name, sizeof name, "cardlink:%s%s", peer, path);
        told_owner = rows[i].owner_above == 0 ? 0 : geteuid() + rows[i].owner_above;
        assert_int_equal(IFDHCreateChannelByName(LUN, name), rows[i].due);
        told_owner = 0;
        if (rows[i].due == IFD_SUCCESS)
            assert_int_equal(IFDHCloseChannel(LUN), IFD_SUCCESS);
    }
}

static void another_handlers_socket_stays(void **state) {
    char moved[80];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    snprintf(moved, sizeof moved, "%s.moved", path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(IFDHCreateChannelByName(LUN, device), IFD_SUCCESS);
    assert_int_equal(rename(path, moved), 0); /* it keeps its inode's number */
    int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(other, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(IFDHCloseChannel(LUN), IFD_SUCCESS);
    close(other);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(moved), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_names),
        cmocka_unit_test(sockets_are_made_with_care),
        cmocka_unit_test(sixteen_readers),
        cmocka_unit_test(folders_have_trusted_owners),
        cmocka_unit_test(another_handlers_socket_stays),
    };
    return cmocka_run_group_tests_name("ifd-handler sockets", tests, make_folder, remove_folder);
}

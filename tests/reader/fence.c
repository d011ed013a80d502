/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a command behind the fence that a systemd unit draws, for tests on machines where systemd does not run: what
 * systemd.exec(5) says of the directives that a reader driver can notice.
 *
 *   fence [OPTION...] -- COMMAND...
 *   --calls FILE           SystemCallFilter: lines "allow CALL" and "kill CALL" (SIGSYS); other calls do not exist
 * (ENOSYS)
 *   --read-only            ProtectSystem=strict: every mount, but /proc and each --writable FOLDER
 *   --private-tmp          PrivateTmp: empty /tmp and /var/tmp     --no-home   ProtectHome: empty /home, /root,
 * /run/user
 *   --private-users        PrivateUsers=identity                  --umask OCTAL
 *   --no-capabilities      CapabilityBoundingSet=                 --no-new-privileges
 *   --no-suid, --no-write-execute   RestrictSUIDSGID, MemoryDenyWriteExecute: EPERM
 * It must be in a mount namespace of its own when mounts are asked for. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITABLE_MAX 8

enum option_name {
    CALLS,
    READ_ONLY,
    WRITABLE,
    PRIVATE_TMP,
    NO_HOME,
    PRIVATE_USERS,
    UMASK,
    NO_CAPABILITIES,
    NO_NEW_PRIVILEGES,
    NO_SUID,
    NO_WRITE_EXECUTE,
    OPTIONS
};

static const struct option options[] = {
    {"calls", required_argument, NULL, CALLS},
    {"read-only", no_argument, NULL, READ_ONLY},
    {"writable", required_argument, NULL, WRITABLE},
    {"private-tmp", no_argument, NULL, PRIVATE_TMP},
    {"no-home", no_argument, NULL, NO_HOME},
    {"private-users", no_argument, NULL, PRIVATE_USERS},
    {"umask", required_argument, NULL, UMASK},
    {"no-capabilities", no_argument, NULL, NO_CAPABILITIES},
    {"no-new-privileges", no_argument, NULL, NO_NEW_PRIVILEGES},
    {"no-suid", no_argument, NULL, NO_SUID},
    {"no-write-execute", no_argument, NULL, NO_WRITE_EXECUTE},
    {NULL, 0, NULL, 0},
};

static const char *wanted[OPTIONS]; /* the option's argument, or "" */
static const char *writable[WRITABLE_MAX];
static size_t writable_count;

static void must(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "fence: %s: %s\n", what, strerror(errno));
    exit(120);
}

static void set_read_only(const char *path, unsigned flags, bool on) {
    struct mount_attr attributes = {.attr_set = on ? MOUNT_ATTR_RDONLY : 0, .attr_clr = on ? 0 : MOUNT_ATTR_RDONLY};
    must(mount_setattr(AT_FDCWD, path, flags, &attributes, sizeof attributes) == 0, path);
}

static void make_read_only(void) {
    if (wanted[READ_ONLY] == NULL)
        return;
    set_read_only("/", AT_RECURSIVE, true);
    set_read_only("/proc", 0, false);
    for (size_t i = 0; i < writable_count; i++) {
        must(mount(writable[i], writable[i], NULL, MS_BIND, NULL) == 0, writable[i]);
        set_read_only(writable[i], 0, false);
    }
}

static void hide(enum option_name option, const char *const *paths, const char *mode) {
    struct stat about;
    for (; wanted[option] != NULL && *paths != NULL; paths++)
        if (stat(*paths, &about) == 0)
            must(mount("tmpfs", *paths, "tmpfs", 0, mode) == 0, *paths);
}

static void write_map(pid_t process, const char *name) {
    static const char identity[] = "0 0 65536\n";
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)process, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd >= 0 && write(fd, identity, sizeof identity - 1) == (ssize_t)sizeof identity - 1, path);
    close(fd);
}

/* The maps are written from outside: a process may not map other users into its own new namespace. */
static void enter_private_users(void) {
    int ready[2], status;
    char byte = 0;
    if (wanted[PRIVATE_USERS] == NULL)
        return;
    pid_t self = getpid();
    must(pipe2(ready, O_CLOEXEC) == 0, "pipe");
    pid_t helper = fork();
    must(helper >= 0, "fork");
    if (helper == 0) {
        close(ready[1]);
        must(read(ready[0], &byte, 1) == 1, "the process that wants a namespace");
        write_map(self, "uid_map");
        write_map(self, "gid_map");
        _exit(0);
    }
    must(unshare(CLONE_NEWUSER) == 0, "user namespace");
    must(write(ready[1], &byte, 1) == 1, "pipe");
    must(waitpid(helper, &status, 0) == helper && status == 0, "user namespace: maps");
}

static void drop_capabilities(void) {
    for (int capability = 0; wanted[NO_CAPABILITIES] != NULL; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            must(errno == EINVAL && capability > 0, "capabilities"); /* behind the last one */
            return;
        }
}

/* Calls that are refused when all these bits of an argument are set. */
static const struct refusal {
    enum option_name option;
    int call;
    unsigned argument;
    uint64_t bits;
} refusals[] = {
    {NO_SUID, SCMP_SYS(chmod), 1, S_ISUID},
    {NO_SUID, SCMP_SYS(chmod), 1, S_ISGID},
    {NO_SUID, SCMP_SYS(fchmod), 1, S_ISUID},
    {NO_SUID, SCMP_SYS(fchmod), 1, S_ISGID},
    {NO_SUID, SCMP_SYS(fchmodat), 2, S_ISUID},
    {NO_SUID, SCMP_SYS(fchmodat), 2, S_ISGID},
    {NO_WRITE_EXECUTE, SCMP_SYS(mmap), 2, PROT_WRITE | PROT_EXEC},
    {NO_WRITE_EXECUTE, SCMP_SYS(mprotect), 2, PROT_EXEC},
};

static void refuse_arguments(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];
        struct scmp_arg_cmp bits = {row->argument, SCMP_CMP_MASKED_EQ, row->bits, row->bits};
        if (wanted[row->option] != NULL)
            must(seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), row->call, 1, &bits) == 0, "filter");
    }
    must(seccomp_load(filter) == 0, "filter");
    seccomp_release(filter);
}

static void filter_calls(FILE *list) {
    char word[8], name[64];
    if (list == NULL)
        return;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    must(filter != NULL, "filter");
    while (fscanf(list, "%7s %63s", word, name) == 2) {
        int call = seccomp_syscall_resolve_name(name); /* a name of another processor is none here */
        uint32_t action = strcmp(word, "allow") == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS;
        must(call < 0 || seccomp_rule_add(filter, action, call, 0) == 0, name);
    }
    must(seccomp_load(filter) == 0, "filter");
    seccomp_release(filter);
}

int main(int argc, char **argv) {
    static const char *const temporary[] = {"/tmp", "/var/tmp", NULL}, *const homes[] = {"/home", "/root", "/run/user",
                                                                                         NULL};
    int option;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option >= OPTIONS || (option == WRITABLE && writable_count == WRITABLE_MAX))
            return 120;
        wanted[option] = optarg != NULL ? optarg : "";
        if (option == WRITABLE)
            writable[writable_count++] = optarg;
    }
    must(optind < argc, "usage: fence [OPTION...] -- COMMAND...");
    FILE *calls = wanted[CALLS] != NULL ? fopen(wanted[CALLS], "re") : NULL; /* now: soon it may be out of sight */
    must(wanted[CALLS] == NULL || calls != NULL, wanted[CALLS]);
    make_read_only();
    hide(PRIVATE_TMP, temporary, "mode=1777");
    hide(NO_HOME, homes, "mode=0000");
    enter_private_users();
    drop_capabilities();
    if (wanted[UMASK] != NULL)
        umask((mode_t)strtoul(wanted[UMASK], NULL, 8));
    must(wanted[NO_NEW_PRIVILEGES] == NULL || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
    refuse_arguments();
    filter_calls(calls);
    execvp(argv[optind], argv + optind);
    must(false, argv[optind]);
}

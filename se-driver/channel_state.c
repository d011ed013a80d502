/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "channel_state.h"

#include "base/bytes.h"
#include "base/secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SUFFIX ".state"
#define LOGIN_BYTE 4096 /* locked byte, beyond the content */
#define MARK 0x554B5345 /* and the layout's version in it */

/* The file's content: of this machine only, never carried to another one. */
typedef struct content {
    uint32_t mark, known, sequence, jumps;
    uint32_t pending; /* announced openings with unknown outcome */
    uint8_t owner[CHANNEL_STATE_OWNER_LENGTH];
} content;

static content load(const channel_state *l) {
    content c;
    if (l->file < 0 || pread(l->file, &c, sizeof c, 0) != (ssize_t)sizeof c || c.mark != MARK)
        return (content){.mark = MARK};
    return c;
}

/* Not synced to the disk: after a power cut the counter may be behind, which shows as a jump. An incomplete record, or
 * one that a later one could not replace, is ignored: a full disk must not look like another program's channel. */
static void save(channel_state *l, const content *c) {
    if (l->file < 0)
        return;
    l->doubtful = pwrite(l->file, c, sizeof *c, 0) != (ssize_t)sizeof *c;
    if (l->doubtful && ftruncate(l->file, 0) == 0)
        l->doubtful = false;
}

result channel_state_open(channel_state *l, const char *key_path) {
    char *path = NULL;
    *l = (channel_state){.file = -1};
    if (asprintf(&path, "%s" SUFFIX, key_path) < 0)
        return RESULT_NO_MEMORY;
    l->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    free(path);
    return l->file >= 0 ? RESULT_OK : RESULT_IO;
}

void channel_state_close(channel_state *l) {
    if (l->file >= 0)
        close(l->file);
    secret_wipe(l, sizeof *l);
    l->file = -1;
}

bool channel_state_is_ours(const channel_state *l) {
    static const uint8_t nobody[CHANNEL_STATE_OWNER_LENGTH];
    content c = load(l);
    return c.pending == 0 && !bytes_equal(BYTES(l->owner), BYTES(nobody)) &&
           bytes_equal(BYTES(l->owner), BYTES(c.owner));
}

void channel_state_begin(channel_state *l) {
    content c = load(l);
    if (getrandom(l->owner, sizeof l->owner, 0) != (ssize_t)sizeof l->owner)
        memset(l->owner, 0, sizeof l->owner);
    memset(c.owner, 0, sizeof c.owner);
    c.pending++;
    save(l, &c);
}

uint32_t channel_state_end(channel_state *l, uint32_t sequence) {
    content c = load(l);
    uint32_t jump = 0;
    if (sequence == 0 || l->doubtful)
        c.known = 0;
    if (c.known && sequence > c.sequence + c.pending)
        jump = sequence - c.sequence - c.pending;
    else if (c.known && sequence <= c.sequence)
        jump = 1; /* it never goes back: an older state of the SE, or another SE with the same key */
    c.known = sequence != 0;
    c.sequence = sequence;
    c.jumps += jump;
    c.pending = 0;
    memcpy(c.owner, l->owner, sizeof c.owner);
    save(l, &c);
    return jump;
}

/* Open file description locks: of this channel_state, not of the whole process; the kernel releases those of a killed
 * process. */
static bool lock_login(const channel_state *l, short type) {
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = LOGIN_BYTE, .l_len = 1};
    return l->file >= 0 && fcntl(l->file, F_OFD_SETLK, &range) == 0;
}

void channel_state_log_in(const channel_state *l) {
    lock_login(l, F_RDLCK);
}

void channel_state_log_out(const channel_state *l) {
    lock_login(l, F_UNLCK);
}

bool channel_state_others_logged_in(const channel_state *l) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOGIN_BYTE, .l_len = 1};
    return l->file >= 0 && fcntl(l->file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

channel_state_record channel_state_read(const channel_state *l) {
    content c = load(l);
    return (channel_state_record){.known = c.known != 0, .sequence = c.sequence, .jumps = c.jumps};
}

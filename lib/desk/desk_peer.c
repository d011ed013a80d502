/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_peer.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_MAX 65536 /* NGROUPS_MAX, credentials(7) */

bool desk_peer_of(int fd, desk_peer *peer) {
    struct ucred said;
    socklen_t length = sizeof said;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &said, &length) != 0)
        return false;
    *peer = (desk_peer){said.uid, said.gid, said.pid};
    return true;
}

static bool has_supplementary(int fd, gid_t group) {
    socklen_t length = GROUPS_MAX * sizeof(gid_t);
    gid_t *groups = malloc(length);
    bool found = false;
    if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == 0)
        for (size_t i = 0; i < length / sizeof *groups && !found; i++)
            found = groups[i] == group;
    free(groups);
    return found;
}

bool desk_peer_may_speak(int fd, const desk_peer *peer, gid_t group) {
    if (peer->uid == geteuid())
        return true;
    return group != DESK_NO_GROUP && (peer->gid == group || has_supplementary(fd, group));
}

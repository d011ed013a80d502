/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The user at the other end of a socket of the desk, as the kernel reports it (SO_PEERCRED, SO_PEERGROUPS: unix(7)). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define DESK_NO_GROUP ((gid_t) - 1)

typedef struct desk_peer {
    uid_t uid;
    gid_t gid;
    pid_t pid;
} desk_peer;

/* false: unknown; do not trust the peer. */
bool desk_peer_of(int fd, desk_peer *peer);
/* Whether this peer may use a desk of our user: the same user, or a member of the group (DESK_NO_GROUP: no group
 * may). Membership is that of the process, as it was when it connected. */
bool desk_peer_may_speak(int fd, const desk_peer *peer, gid_t group);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All who are connected to the daemon: requests are read and answers written bit by bit, as they come and as they are
 * taken, so that a silent or slow client does not block others. Only a request that is there to its end is run. Places
 * are few, and of these one user has a share: when they are full, the one that has not come to the end of its request
 * for longest makes room. */
#pragma once

#include "desk/desk_peer.h"
#include "desk/desk_request.h"

#define DESK_PLACES 64
#define DESK_SHARE 24             /* of one user */
#define DESK_REQUEST_MS 10000     /* from the connection to the end of the request */
#define DESK_ANSWER_MS 10000      /* in which nothing of the answer is taken */
#define DESK_ANSWER_ALL_MS 120000 /* for all of it */

typedef struct desk_clients desk_clients;
typedef struct desk_client desk_client;

/* Takes the listener over; group: as for desk_wire_listen. RESULT_NO_MEMORY, RESULT_IO. */
result desk_clients_new(int listener, gid_t group, desk_clients **out);
/* Ends all connections and closes the listener. */
void desk_clients_free(desk_clients **all);

/* Readable (poll(2)) when desk_clients_turn has something to do. */
int desk_clients_descriptor(const desk_clients *all);
/* Whatever can be done without waiting: takes who connects, reads, writes, ends who is too slow. To be called twice a
 * second at least, for the last. */
void desk_clients_turn(desk_clients *all);

/* Whose request is to be run: the oldest, but of another user than the last one if such a one waits. NULL: nobody's.
 * It stays valid until desk_client_answer. */
desk_client *desk_clients_next(desk_clients *all);
bool desk_clients_wait(const desk_clients *all);

/* Its request, which it owns. */
desk_request *desk_client_request(desk_client *c);
/* Whom the kernel names as its other side. */
const desk_peer *desk_client_peer(const desk_client *c);
/* The answer, after which the client's own time begins to run. */
void desk_client_answer(desk_clients *all, desk_client *c, bytes out, bytes err, uint8_t exit_code);

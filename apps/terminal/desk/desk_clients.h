/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon's connections: requests are read and answers written without blocking, so that a silent or slow client
 * does not delay others. Only a complete request is run. The number of connections is limited, also for each user: when
 * all are in use, the one whose request has been incomplete longest is closed. */
#pragma once

#include "desk/desk_peer.h"
#include "desk/desk_request.h"

#define DESK_PLACES 64
#define DESK_SHARE 24             /* of one user */
#define DESK_REQUEST_MS 10000     /* from connecting to a complete request */
#define DESK_ANSWER_MS 10000      /* without progress of the answer */
#define DESK_ANSWER_ALL_MS 120000 /* for the whole answer */

typedef struct desk_clients desk_clients;
typedef struct desk_client desk_client;

/* Takes the listener over; group: as for desk_wire_listen. RESULT_NO_MEMORY, RESULT_IO. */
result desk_clients_new(int listener, gid_t group, desk_clients **out);
/* Ends all connections and closes the listener. */
void desk_clients_free(desk_clients **all);

/* Readable (poll(2)) when desk_clients_turn has something to do. */
int desk_clients_descriptor(const desk_clients *all);
/* Does all that is possible without waiting: accepts, reads, writes, and closes connections that are too slow. Call it
 * at least twice a second, for the time limits. */
void desk_clients_turn(desk_clients *all);

/* The client whose request is run next: the oldest one, preferably of another user than the last. NULL: there is none.
 * Valid until desk_client_answer. */
desk_client *desk_clients_next(desk_clients *all);
bool desk_clients_wait(const desk_clients *all);

/* Its request, which it owns. */
desk_request *desk_client_request(desk_client *c);
/* The peer's user, as the kernel reports it. */
const desk_peer *desk_client_peer(const desk_client *c);
/* The answer, after which the client's own time begins to run. */
void desk_client_answer(desk_clients *all, desk_client *c, bytes out, bytes err, uint8_t exit_code);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_loopback_user.h"

#include <stdbool.h>
#include <stdio.h>

#define TABLE "/proc/net/tcp"
#define LINE_SIZE 512
#define READ_AT_ONCE ((size_t)64 * 1024)
#define TRIES 3       /* the table is read in parts: a row that moves meanwhile may be missed */
#define ESTABLISHED 1 /* TCP_ESTABLISHED: a socket that is closing may have lost its user (0) */

/* One row: "sl local:port remote:port state queues timer retransmits uid ...". Addresses are the four bytes as one
 * number of this machine, in hexadecimal. */
static bool is_row(const char *line, const struct sockaddr_in *client, const struct sockaddr_in *server,
                   unsigned *uid) {
    unsigned local, local_port, remote, remote_port, state;
    if (sscanf(line, " %*u: %8X:%4X %8X:%4X %2X %*8X:%*8X %*2X:%*8X %*8X %u", &local, &local_port, &remote,
               &remote_port, &state, uid) != 6)
        return false;
    return state == ESTABLISHED && local == client->sin_addr.s_addr && local_port == ntohs(client->sin_port) &&
           remote == server->sin_addr.s_addr && remote_port == ntohs(server->sin_port);
}

result http_loopback_user_in(const char *table, const struct sockaddr_in *client, const struct sockaddr_in *server,
                             uid_t *uid) {
    char line[LINE_SIZE];
    FILE *file = fopen(table, "re");
    bool found = false;
    unsigned number = 0;
    if (file == NULL)
        return RESULT_IO;
    setvbuf(file, NULL, _IOFBF, READ_AT_ONCE);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = is_row(line, client, server, &number);
    const bool broken = ferror(file) != 0;
    fclose(file);
    *uid = (uid_t)number;
    return found ? RESULT_OK : broken ? RESULT_IO : RESULT_NOT_FOUND;
}

result http_loopback_user(const struct sockaddr_in *client, const struct sockaddr_in *server, uid_t *uid) {
    result code = RESULT_NOT_FOUND;
    for (int i = 0; i < TRIES && code == RESULT_NOT_FOUND; i++)
        code = http_loopback_user_in(TABLE, client, server, uid);
    return code;
}

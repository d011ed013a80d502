/* What goes over the socket between the resident process and its clients: frames of a type (1 byte), a length (4 bytes,
 * big endian) and content. The socket is in the state folder, mode 0600; both sides check that the other runs under the
 * same user (SO_PEERCRED), so a PIN can travel here. It never is part of the JSON, whose library would leave copies
 * in memory.
 *
 *   client -> resident   C  JSON: command, json, language, arguments and what the options say
 *                        P  PIN; S signature PIN (each at most once, may be missing)
 *                        .  end of the request
 *   resident -> client   O  text for standard output; E for standard error
 *                        X  exit code (1 byte): the last frame */
#pragma once

#include "core/report.h"

#include "base/buffer.h"

#define DESK_SOCKET_NAME "uketsuke.sock"
#define DESK_STUCK_NAME "se-stuck" /* there when the resident process has ended for want of the SE's answer */
#define DESK_FRAME_MOST (16 * 1024 * 1024)

/* RESULT_NOT_FOUND: no process listens there. RESULT_DENIED: it is another user's. */
result desk_wire_connect(const char *path, int *fd);
/* Replaces a socket that a dead process left. RESULT_EXISTS: one is alive. */
result desk_wire_listen(const char *path, int *fd);
/* RESULT_DENIED: a client of another user. Neither side waits for the other for more than seconds on one read
 * or write. */
result desk_wire_accept(int listener, int *fd);

/* seconds: for one read or write; 0 waits without end. */
void desk_wire_patience(int fd, int seconds);
result desk_wire_send(int fd, char type, bytes content);
/* content is cleared first. RESULT_TOO_LONG beyond its bound, RESULT_TIMEOUT, RESULT_UNAVAILABLE when the other
 * side ended. */
result desk_wire_receive(int fd, char *type, buffer *content);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handler's end of a cardlink: a listening unix socket per reader, and the one backend that is connected to it.
 * Knows sockets and frames; what the frames mean for a card is slot.c's. The caller serialises the calls. */
#pragma once

#include "cardlink/stream.h"

#include <stdbool.h>

#define LINK_NAME_SIZE 80

typedef struct link_options {
    uid_t peer;          /* "peer=UID": a user besides root and our own whose backend is trusted; (uid_t)-1: nobody */
    int64_t deadline_ms; /* "deadline=MS": how long a card may take for one command */
    const char *path;    /* points into the device name */
} link_options;

typedef struct card_link {
    link_options options; /* path is not kept */
    int epoll;            /* borrowed: told of listener and stream */
    int folder;           /* descriptor of the socket's folder, -1 when not open */
    char name[LINK_NAME_SIZE];
    dev_t device; /* of our socket file: another's is never unlinked */
    ino_t inode;
    int listener; /* -1 when not open */
    cardlink_stream stream;
    bool greeted;              /* the backend's HELLO has come and is good */
    int64_t greeting_deadline; /* monotonic ms */
    const char *complaint;     /* what was logged last, so that a backend that tries again does not fill the log */
} card_link;

#define CARD_LINK_CLOSED ((card_link){.folder = -1, .listener = -1, .stream = CARDLINK_STREAM_CLOSED})

/* "cardlink:[deadline=MS:][peer=UID:]/absolute/path". RESULT_INVALID. */
result link_parse_device(const char *device, link_options *options);

/* Makes the socket: 0660, with the folder's group if the folder has the set-group-ID bit. RESULT_DENIED: the folder
 * does not belong to root, us or the peer, everybody can write there, or pcscd may not. A stale socket file is
 * replaced; one that somebody listens on is RESULT_EXISTS. */
result link_open(card_link *link, const link_options *options, int epoll);
void link_close(card_link *link);

/* Accepts who waits (a second backend is sent away) and takes the next frame that is there, without waiting.
 * RESULT_TIMEOUT: nothing. RESULT_REMOVED: the backend is gone, or was dropped because it broke the protocol. */
result link_poll(card_link *link, cardlink_frame *frame);

/* Whether a backend is connected and has greeted. */
bool link_is_up(const card_link *link);
/* When link_poll must be called though no descriptor is readable; 0: never. */
int64_t link_deadline(const card_link *link);

/* For a request and its answer: send waits at most for the deadline; receive gives the next frame. After any failure
 * the backend is dropped. quiet: the epoll set does not hear of the answer. */
result link_send(card_link *link, const cardlink_frame *frame);
result link_receive(card_link *link, cardlink_frame *frame, int64_t deadline_ms);
void link_quiet(card_link *link, bool quiet);
/* Frames received already, which no descriptor will tell of. */
bool link_has_more(const card_link *link);

/* Ends the connection; complaint: static text, why. The listener stays. */
void link_drop(card_link *link, const char *complaint);

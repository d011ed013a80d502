/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handler's end of a cardlink: a listening unix socket per reader, and the one backend that is connected to it.
 * Handles sockets and frames; slot.c handles their meaning for a card. The caller serialises the calls. */
#pragma once

#include "cardlink/stream.h"

#include <stdbool.h>

#define LINK_NAME_SIZE 80

typedef struct link_options {
    uid_t peer;          /* "peer=UID": a user besides root and our own whose backend is trusted; (uid_t)-1: none */
    int64_t deadline_ms; /* "deadline=MS": time limit for one command of a card */
    const char *path;    /* points into the device name */
} link_options;

typedef struct card_link {
    link_options options; /* path is copied */
    int epoll;            /* borrowed: gets listener and stream */
    int folder;           /* descriptor of the socket's folder, -1 when not open */
    char name[LINK_NAME_SIZE];
    dev_t device; /* of our socket file: only that one is unlinked */
    ino_t inode;
    int listener; /* -1 when not open */
    cardlink_stream stream;
    bool greeted;              /* the backend's HELLO was received and is valid */
    int64_t greeting_deadline; /* monotonic ms */
    const char *complaint;     /* last logged complaint, so that a backend that retries does not fill the log */
} card_link;

#define CARD_LINK_CLOSED ((card_link){.folder = -1, .listener = -1, .stream = CARDLINK_STREAM_CLOSED})

/* "cardlink:[deadline=MS:][peer=UID:]/absolute/path". RESULT_INVALID. */
result link_parse_device(const char *device, link_options *options);

/* Makes the socket: 0660, with the folder's group if the folder has the set-group-ID bit. RESULT_DENIED: the folder
 * does not belong to root, our user or the peer, is writable for all users, or not writable for pcscd. Replaces a stale
 * socket file; RESULT_EXISTS: another process listens on it. */
result link_open(card_link *link, const link_options *options, int epoll);
void link_close(card_link *link);

/* Accepts a connection (a second backend is rejected) and takes the next received frame, without waiting.
 * RESULT_TIMEOUT: none. RESULT_REMOVED: the backend disconnected, or was dropped because it broke the protocol. */
result link_poll(card_link *link, cardlink_frame *frame);

/* Whether a backend is connected and has greeted. */
bool link_is_up(const card_link *link);
/* When link_poll must be called even if no descriptor is readable; 0: never. */
int64_t link_deadline(const card_link *link);

/* For a request and its answer: send waits until the deadline at most; receive returns the next frame. Any failure
 * drops the backend. quiet: the answer does not wake the epoll set. */
result link_send(card_link *link, const cardlink_frame *frame);
result link_receive(card_link *link, cardlink_frame *frame, int64_t deadline_ms);
void link_quiet(card_link *link, bool quiet);
/* Whether frames are buffered, for which no descriptor becomes readable. */
bool link_has_more(const card_link *link);

/* Ends the connection; complaint: static text with the reason. The listener stays open. */
void link_drop(card_link *link, const char *complaint);

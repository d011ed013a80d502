/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reader with one slot, as pcscd sees it. The removal of a card is latched: every inserted card gets a session
 * number, and the number that pcscd knows is stored. While the two differ every thread of pcscd gets "absent", and
 * every operation is refused, so that a quickly exchanged card is never mistaken for the former one.
 *
 * Only pcscd's event thread reports events to clients. It waits in slot_wait, polls (slot_presence) and waits again.
 * Threads that power a card, also the event thread itself, poll as well and discard the result (ifdwrapper.c,
 * IFDPowerICC, in pcscd 1.9 to 2.5). So a removal is complete when the event thread returns to slot_wait after a poll
 * that slot_wait had asked for, and only a poll of that thread makes a new card known. All functions may be called from
 * any thread, slot_wait from one at a time. */
#pragma once

#include "backend_link.h"

#include <pthread.h>

typedef struct slot {
    pthread_mutex_t mutex; /* held during a whole exchange with the card */
    bool open;
    unsigned long lun;
    int epoll; /* wake, listener, backend */
    int wake;  /* eventfd: ends one wait. pcscd stops the wait at every last SCardDisconnect */
    card_link link;
    uint64_t session;      /* of the present card; 0: none */
    uint64_t last_session; /* numbers are never reused */
    uint64_t known;        /* the session that pcscd knows; 0: none, so the next poll shows the present card */
    bool sent_to_look;     /* slot_wait has returned because the known card was removed */
    bool has_event_thread; /* slot_wait was called; before that, every poll counts as the event thread's */
    pthread_t event_thread;
    int64_t quiet_until_ms; /* monotonic: no new card is shown before */
    uint64_t powered;       /* the session that was powered; 0: none */
    uint32_t generation;    /* the backend's number for the session */
    uint32_t last_generation;
    int64_t events_second; /* card events in this second of the monotonic clock */
    unsigned events;
    uint8_t atr[CARDLINK_ATR_MAX];
    size_t atr_length;
} slot;

#define SLOT_CLOSED {.mutex = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .wake = -1}

/* Opens the link for the reader that pcscd numbers lun; device: DEVICENAME of reader.conf. Codes of link_open. */
result slot_open(slot *s, unsigned long lun, const char *device);

/* Drops the backend; the slot may be opened again. */
void slot_close(slot *s);

/* Returns when the card has changed, slot_stop was called, or the time is over. */
void slot_wait(slot *s, int timeout_ms);
void slot_stop(slot *s);

/* True: a card is present; the other functions use it until it is removed. */
bool slot_presence(slot *s);

/* Cold (POWER_UP) or warm (RESET) reset. RESULT_REMOVED: no card, or not the one that pcscd knows. RESULT_REFUSED:
 * mute. */
result slot_power(slot *s, cardlink_type how, uint8_t atr[CARDLINK_ATR_MAX], size_t *atr_length);
result slot_power_down(slot *s);

/* *room: space in response before, length of the answer after. RESULT_REMOVED, RESULT_TIMEOUT (the backend was
 * dropped), RESULT_TOO_LONG (command or answer), RESULT_TRUNCATED (fewer than two bytes came). */
result slot_transmit(slot *s, bytes command, uint8_t *response, size_t *room);

/* The ATR of the powered card; length 0 when there is none. */
size_t slot_atr(slot *s, uint8_t atr[CARDLINK_ATR_MAX]);

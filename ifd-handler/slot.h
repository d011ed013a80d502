/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reader with one slot, as pcscd sees it. The removal of a card is latched: a session number is given to every card
 * that comes in, and the one that pcscd knows is kept beside it. While the two differ pcscd is told "absent", whichever
 * of its threads asks, and every operation is refused, so that a card swapped in an instant is never taken for the one
 * before it.
 *
 * Only pcscd's event thread turns what it sees into the events that clients are told of. It waits in slot_wait, looks
 * (slot_presence) and waits again. Whoever powers a card up or down looks as well and forgets what was seen, the event
 * thread itself too (ifdwrapper.c, IFDPowerICC, in pcscd 1.9 to 2.5). So a removal is over when the event thread comes
 * back to slot_wait from a look that it was sent to, and a new card becomes known by a look of that thread.
 * All functions may be called from any thread, slot_wait from one at a time. */
#pragma once

#include "backend_link.h"

#include <pthread.h>

typedef struct slot {
    pthread_mutex_t mutex; /* held during a whole exchange with the card */
    bool open;
    unsigned long lun;
    int epoll; /* wake, listener, backend */
    int wake;  /* eventfd: ends one wait, then is used up. pcscd stops the wait at every last SCardDisconnect */
    card_link link;
    uint64_t session;      /* of the card that is in; 0: none */
    uint64_t last_session; /* numbers are never used twice */
    uint64_t known;        /* the session pcscd knows of; 0: none, so the next look finds what is there */
    bool sent_to_look;     /* slot_wait has returned because the known card has left */
    bool has_event_thread; /* slot_wait has been called; before, any look is taken for the event thread's */
    pthread_t event_thread;
    int64_t quiet_until_ms; /* monotonic: no new card is shown before */
    uint64_t powered;       /* the session that was powered; 0: none */
    uint32_t generation;    /* the backend's name for the session */
    uint32_t last_generation;
    int64_t events_second; /* cards that came and went in this second of the monotonic clock */
    unsigned events;
    uint8_t atr[CARDLINK_ATR_MAX];
    size_t atr_length;
} slot;

#define SLOT_CLOSED {.mutex = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .wake = -1}

/* Opens the link for the reader that pcscd numbers lun; device: DEVICENAME of reader.conf. Codes of link_open. */
result slot_open(slot *s, unsigned long lun, const char *device);

/* Drops the backend; the slot may be opened again. */
void slot_close(slot *s);

/* Returns when something about the card has changed, slot_stop was called, or the time is over. */
void slot_wait(slot *s, int timeout_ms);
void slot_stop(slot *s);

/* True: a card is in, and it is the one that the other functions speak to until it leaves. */
bool slot_presence(slot *s);

/* Cold (POWER_UP) or warm (RESET) reset. RESULT_REMOVED: no card, or not the one pcscd knows. RESULT_REFUSED: mute. */
result slot_power(slot *s, cardlink_type how, uint8_t atr[CARDLINK_ATR_MAX], size_t *atr_length);
result slot_power_down(slot *s);

/* *room: space in response before, length of the answer after. RESULT_REMOVED, RESULT_TIMEOUT (the backend was
 * dropped), RESULT_TOO_LONG (command or answer), RESULT_TRUNCATED (fewer than two bytes came). */
result slot_transmit(slot *s, bytes command, uint8_t *response, size_t *room);

/* The ATR of the powered card; length 0 when there is none. */
size_t slot_atr(slot *s, uint8_t atr[CARDLINK_ATR_MAX]);

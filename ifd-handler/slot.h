/* A reader with one slot, as pcscd sees it. The removal of a card is latched: a session number is given to every card
 * that comes in, and pcscd's knowledge (the session it heard of last) is kept beside it. While the two differ pcscd is
 * told "absent" once and every operation is refused, so that a card swapped in an instant is never taken for the one
 * before it. All functions may be called from any thread. */
#pragma once

#include "link.h"

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
    uint64_t reported;     /* what pcscd was told by slot_presence last */
    uint64_t powered;      /* the session that was powered; 0: none */
    uint32_t generation;   /* the backend's name for the session */
    uint32_t last_generation;
    int64_t events_second; /* cards that came and went in this second of the monotonic clock */
    unsigned events;
    uint8_t atr[CARDLINK_ATR_MOST];
    size_t atr_length;
} slot;

#define SLOT_CLOSED {.mutex = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .wake = -1}

result slot_open(slot *s, unsigned long lun, const char *device);
void slot_close(slot *s);

/* Returns when something about the card has changed, slot_stop was called, or the time is over. */
void slot_wait(slot *s, int timeout_ms);
void slot_stop(slot *s);

/* True: a card is in, and from here on it is the one that the other functions speak to. */
bool slot_presence(slot *s);

/* Cold (POWER_UP) or warm (RESET) reset. RESULT_REMOVED: no card, or not the one pcscd knows. RESULT_REFUSED: mute. */
result slot_power(slot *s, cardlink_type how, uint8_t atr[CARDLINK_ATR_MOST], size_t *atr_length);
result slot_power_down(slot *s);

/* *room: space in response before, length of the answer after. RESULT_REMOVED, RESULT_TIMEOUT (the backend was
 * dropped), RESULT_TOO_LONG (command or answer), RESULT_TRUNCATED (fewer than two bytes came). */
result slot_transmit(slot *s, bytes command, uint8_t *response, size_t *room);

/* The ATR of the powered card; length 0 when there is none. */
size_t slot_atr(slot *s, uint8_t atr[CARDLINK_ATR_MOST]);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "slot.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define POWER_DEADLINE_MS 5000
/* Earliest time to show a card after a removal or a refusal. pcscd's client threads read the handle's state before a
 * call and write the reader's after it, without synchronisation with the event thread (winscard.c, SCardTransmit): a
 * command for the old card would reach the new one, and "no card" would overwrite its state. */
#define QUIET_MS 50
#define EVENTS_MAX 2000 /* per second: far more than cards can be moved, far less than what would load a processor */

static void close_descriptors(slot *s) {
    link_close(&s->link);
    if (s->epoll >= 0)
        close(s->epoll);
    if (s->wake >= 0)
        close(s->wake);
    s->epoll = s->wake = -1;
}

result slot_open(slot *s, unsigned long lun, const char *device) {
    link_options options;
    result code = link_parse_device(device, &options);
    if (code != RESULT_OK) {
        log_error("DEVICENAME must be cardlink:[deadline=MS:][peer=UID:]/absolute/path.sock");
        return code;
    }
    pthread_mutex_lock(&s->mutex);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = s->wake};
    s->link = CARD_LINK_CLOSED;
    code = s->epoll >= 0 && s->wake >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &event) == 0
               ? link_open(&s->link, &options, s->epoll)
               : RESULT_IO;
    if (code != RESULT_OK) {
        log_error(
            "reader socket %s cannot be made: %s (is its folder there, ours, not writable by all? may pcscd's unit "
            "write there: drop-in uketsuke-cardlink.conf? is another handler on it?)",
            options.path, result_text(code));
        close_descriptors(s);
    }
    s->lun = lun;
    s->session = s->known = s->powered = 0;
    s->sent_to_look = s->has_event_thread = false;
    s->quiet_until_ms = 0;
    s->generation = s->last_generation = 0;
    s->atr_length = 0;
    s->open = code == RESULT_OK;
    pthread_mutex_unlock(&s->mutex);
    return code;
}

void slot_close(slot *s) {
    pthread_mutex_lock(&s->mutex);
    if (s->open)
        close_descriptors(s);
    s->open = false;
    s->session = s->powered = 0;
    s->atr_length = 0;
    pthread_mutex_unlock(&s->mutex);
}

static void wake(slot *s) {
    eventfd_write(s->wake, 1);
}

void slot_stop(slot *s) {
    /* Without the mutex, which a long exchange may hold. pcscd never calls this after slot_close. */
    if (s->wake >= 0)
        wake(s);
}

static void card_gone(slot *s) {
    s->session = s->powered = 0;
    s->generation = 0;
    s->atr_length = 0;
}

static void card_came(slot *s, const cardlink_frame *frame) {
    card_gone(s);
    s->session = ++s->last_session;
    s->generation = s->last_generation = frame->generation;
}

static void backend_disconnected(slot *s) {
    card_gone(s);
    s->last_generation = 0; /* generations are per link */
}

static bool is_flooded(slot *s) {
    int64_t second = clock_monotonic_ms() / 1000;
    if (second != s->events_second)
        s->events = 0;
    s->events_second = second;
    return ++s->events > EVENTS_MAX;
}

/* A frame that answers no request. */
static void handle_event(slot *s, const cardlink_frame *frame) {
    if (is_flooded(s)) {
        link_drop(&s->link, "more than 2000 card events per second");
        backend_disconnected(s);
    } else if (frame->type == CARDLINK_CARD_IN && frame->generation != s->last_generation)
        card_came(s, frame);
    else if (frame->type == CARDLINK_CARD_OUT && frame->generation == s->generation)
        card_gone(s);
    else {
        link_drop(&s->link, "unexpected frame from the backend");
        backend_disconnected(s);
    }
}

/* Processes all received frames. */
static void catch_up(slot *s) {
    cardlink_frame frame;
    while (link_poll(&s->link, &frame) == RESULT_OK)
        handle_event(s, &frame);
    if (!link_is_up(&s->link))
        backend_disconnected(s);
}

static bool is_leaving(const slot *s) {
    return s->known != 0 && s->known != s->session;
}

static bool is_coming(const slot *s) {
    return s->known == 0 && s->session != 0;
}

static void be_quiet(slot *s) {
    s->quiet_until_ms = clock_monotonic_ms() + QUIET_MS;
}

static int wait_time(const slot *s, int64_t deadline_ms) {
    int64_t own = link_deadline(&s->link), limit = own != 0 && own < deadline_ms ? own : deadline_ms;
    if (is_coming(s) && s->quiet_until_ms < limit)
        limit = s->quiet_until_ms;
    int64_t left = limit - clock_monotonic_ms();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* One poll: true when the wait is over. Else *epoll and *left_ms tell where to sleep and how long. */
static bool wait_is_over(slot *s, int64_t deadline_ms, int *epoll, int *left_ms) {
    pthread_mutex_lock(&s->mutex);
    bool over = !s->open;
    if (!over) {
        catch_up(s);
        over = is_leaving(s) || (is_coming(s) && clock_monotonic_ms() >= s->quiet_until_ms);
        *left_ms = wait_time(s, deadline_ms);
        *epoll = s->epoll;
    }
    pthread_mutex_unlock(&s->mutex);
    return over;
}

static void sleep_for_event(slot *s, int64_t deadline_ms) {
    int epoll, left_ms;
    while (!wait_is_over(s, deadline_ms, &epoll, &left_ms)) {
        struct epoll_event events[3];
        int count = epoll_wait(epoll, events, 3, left_ms);
        eventfd_t ignored;
        for (int i = 0; i < count; i++)
            if (events[i].data.fd == s->wake && eventfd_read(s->wake, &ignored) == 0)
                return;
        if ((count < 0 && errno != EINTR) || clock_monotonic_ms() >= deadline_ms)
            return;
    }
}

void slot_wait(slot *s, int timeout_ms) {
    pthread_mutex_lock(&s->mutex);
    s->event_thread = pthread_self();
    s->has_event_thread = true;
    /* The event thread was woken, has polled (slot_presence) and is back: it has seen the removal. */
    if (s->sent_to_look) {
        s->known = 0;
        be_quiet(s);
    }
    s->sent_to_look = false;
    pthread_mutex_unlock(&s->mutex);
    sleep_for_event(s, clock_monotonic_ms() + timeout_ms);
    pthread_mutex_lock(&s->mutex);
    s->sent_to_look = is_leaving(s);
    pthread_mutex_unlock(&s->mutex);
}

bool slot_presence(slot *s) {
    pthread_mutex_lock(&s->mutex);
    if (s->open)
        catch_up(s);
    bool event_thread = !s->has_event_thread || pthread_equal(s->event_thread, pthread_self()) != 0;
    if (is_coming(s) && event_thread && clock_monotonic_ms() >= s->quiet_until_ms)
        s->known = s->session;
    bool present = s->known != 0 && !is_leaving(s);
    if (!present && !event_thread)
        be_quiet(s);
    pthread_mutex_unlock(&s->mutex);
    return present;
}

/* The answer to a request, or the card's removal instead. */
static result await(slot *s, cardlink_type answer, int64_t deadline_ms, cardlink_frame *frame) {
    uint64_t session = s->session;
    for (;;) {
        result code = link_receive(&s->link, frame, deadline_ms);
        if (code != RESULT_OK)
            return code;
        if (frame->type == answer && frame->generation == s->generation)
            return RESULT_OK;
        handle_event(s, frame);
        if (!link_is_up(&s->link))
            return RESULT_IO;
        if (s->session != session)
            return RESULT_REMOVED;
    }
}

static result ask(slot *s, cardlink_type request, bytes payload, int64_t timeout_ms, cardlink_frame *answer) {
    if (!s->open || s->session == 0 || s->session != s->known)
        return RESULT_REMOVED;
    link_quiet(&s->link, true);
    result code = link_send(&s->link, &(cardlink_frame){request, s->generation, payload});
    if (code == RESULT_OK)
        code = await(s, CARDLINK_ANSWER(request), clock_monotonic_ms() + timeout_ms, answer);
    link_quiet(&s->link, false);
    return code;
}

/* After an exchange: processes the frames behind the answer, and wakes the waiting thread if needed. */
static void settle(slot *s, result code) {
    if (code == RESULT_REMOVED)
        be_quiet(s);
    if (!s->open)
        return;
    if (!link_is_up(&s->link))
        backend_disconnected(s); /* before another backend can connect */
    else if (link_has_more(&s->link))
        catch_up(s);
    if (s->session != s->known)
        wake(s);
}

result slot_power(slot *s, cardlink_type how, uint8_t atr[CARDLINK_ATR_MAX], size_t *atr_length) {
    cardlink_frame answer;
    *atr_length = 0;
    pthread_mutex_lock(&s->mutex);
    s->powered = 0;
    s->atr_length = 0;
    result code = ask(s, how, (bytes){NULL, 0}, POWER_DEADLINE_MS, &answer);
    if (code == RESULT_OK && answer.payload.length < 2)
        code = RESULT_REFUSED;
    if (code == RESULT_OK) {
        s->powered = s->session;
        s->atr_length = *atr_length = answer.payload.length;
        memcpy(s->atr, answer.payload.data, s->atr_length);
        memcpy(atr, s->atr, s->atr_length);
    }
    settle(s, code);
    pthread_mutex_unlock(&s->mutex);
    return code;
}

result slot_power_down(slot *s) {
    cardlink_frame answer;
    pthread_mutex_lock(&s->mutex);
    s->powered = 0;
    s->atr_length = 0;
    result code = ask(s, CARDLINK_POWER_DOWN, (bytes){NULL, 0}, POWER_DEADLINE_MS, &answer);
    settle(s, code);
    pthread_mutex_unlock(&s->mutex);
    return code == RESULT_REMOVED ? RESULT_OK : code; /* a removed card has no power */
}

result slot_transmit(slot *s, bytes command, uint8_t *response, size_t *room) {
    cardlink_frame answer;
    size_t max = *room;
    *room = 0;
    if (command.length == 0 || command.length > CARDLINK_COMMAND_MAX)
        return RESULT_TOO_LONG;
    pthread_mutex_lock(&s->mutex);
    result code = s->powered == 0 ? RESULT_REMOVED : RESULT_OK;
    if (code == RESULT_OK)
        code = ask(s, CARDLINK_TRANSMIT, command, s->link.options.deadline_ms, &answer);
    if (code == RESULT_OK && answer.payload.length < 2)
        code = RESULT_TRUNCATED;
    if (code == RESULT_OK && answer.payload.length > max)
        code = RESULT_TOO_LONG;
    if (code == RESULT_OK) {
        *room = answer.payload.length;
        memcpy(response, answer.payload.data, *room);
    }
    settle(s, code);
    pthread_mutex_unlock(&s->mutex);
    return code;
}

size_t slot_atr(slot *s, uint8_t atr[CARDLINK_ATR_MAX]) {
    pthread_mutex_lock(&s->mutex);
    size_t length = s->powered != 0 && s->powered == s->session ? s->atr_length : 0;
    memcpy(atr, s->atr, length);
    pthread_mutex_unlock(&s->mutex);
    return length;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The IFD handler's functions, called as pcscd calls them, with backends in the same process (so that sanitizers see
 * the handler; they cannot inside pcscd). */
#include "base/clock.h"
#include "honest-backend.h"
#include "backend_link.h"

#include <fcntl.h>
#include <ifdhandler.h>
#include <poll.h>
#include <pthread.h>
#include <reader.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LUN 0x00010000
#define LONG_MS 10000
#define FEATURES CM_IOCTL_GET_FEATURE_REQUEST

static const uint8_t atr[] = HONEST_ATR;
static char folder[] = "/tmp/uketsuke-test-ifd.XXXXXX";
static char path[64], device[160];

/* --- in the C library's place: a clock that waits in no time ------------------------------------------------------ */

static bool clock_stands;
static int64_t skipped_ms; /* since the clock stands */

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (!clock_stands)
        return (int)syscall(SYS_clock_gettime, clock, out);
    *out = (struct timespec){1000 + skipped_ms / 1000, skipped_ms % 1000 * 1000000};
    return 0;
}

int poll(struct pollfd *all, nfds_t count, int timeout_ms) {
    if (!clock_stands)
        return ppoll(all, count,
                     timeout_ms < 0 ? NULL : &(struct timespec){timeout_ms / 1000, timeout_ms % 1000 * (long)1000000},
                     NULL);
    int ready = ppoll(all, count, &(struct timespec){0, 0}, NULL);
    if (ready == 0)
        skipped_ms += timeout_ms;
    return ready;
}

typedef RESPONSECODE (*wait_function)(DWORD lun, int timeout_ms);
typedef RESPONSECODE (*stop_function)(DWORD lun);

static wait_function wait_for_event;
static stop_function stop_waiting;

static void fetch_functions(void) {
    DWORD length = sizeof wait_for_event;
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &length, (PUCHAR)&wait_for_event),
                     IFD_SUCCESS);
    length = sizeof stop_waiting;
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_STOP_POLLING_THREAD, &length, (PUCHAR)&stop_waiting),
                     IFD_SUCCESS);
}

/* What pcscd's event thread does. True when the card is in (or out) as wanted before the time is over. */
static bool wait_until_present(bool wanted) {
    int64_t deadline = clock_monotonic_ms() + LONG_MS;
    while (clock_monotonic_ms() < deadline) {
        if ((IFDHICCPresence(LUN) == IFD_ICC_PRESENT) == wanted)
            return true;
        wait_for_event(LUN, LONG_MS);
    }
    return false;
}

static RESPONSECODE power(DWORD action, DWORD *length) {
    UCHAR got[MAX_ATR_SIZE];
    *length = sizeof got;
    RESPONSECODE code = IFDHPowerICC(LUN, action, got, length);
    if (code == IFD_SUCCESS && *length > 0)
        assert_memory_equal(got, atr, *length);
    return code;
}

static RESPONSECODE transmit(size_t command_length, DWORD room, DWORD *length) {
    static UCHAR command[CARDLINK_COMMAND_MAX + 10], response[CARDLINK_RESPONSE_MAX];
    SCARD_IO_HEADER send = {SCARD_PROTOCOL_T1, sizeof send}, receive = {0, 0};
    for (size_t i = 0; i < command_length; i++)
        command[i] = (UCHAR)(i % 253);
    *length = room;
    RESPONSECODE code = IFDHTransmitToICC(LUN, send, command, command_length, response, length, &receive);
    if (code == IFD_SUCCESS) {
        assert_int_equal(*length, command_length + 2);
        for (size_t i = 0; i < command_length; i++)
            assert_int_equal(response[i], command[command_length - 1 - i]);
    }
    return code;
}

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/reader.sock", folder);
    snprintf(device, sizeof device, "cardlink:deadline=300:%s", path);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static int open_reader(void **state) {
    (void)state;
    bool good = IFDHCreateChannelByName(LUN, device) == IFD_SUCCESS;
    if (good)
        fetch_functions();
    return !good;
}

static int close_reader(void **state) {
    (void)state;
    return IFDHCloseChannel(LUN) != IFD_SUCCESS || access(path, F_OK) == 0;
}

static void closed_readers_and_missing_arguments(void **state) {
    (void)state;
    UCHAR room[300];
    DWORD length = sizeof room;
    SCARD_IO_HEADER pci = {0, 0};
    assert_int_equal(IFDHCreateChannelByName(LUN, NULL), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHCloseChannel(LUN), IFD_NO_SUCH_DEVICE);
    assert_int_equal(IFDHICCPresence(LUN), IFD_ICC_NOT_PRESENT);
    assert_int_equal(IFDHPowerICC(LUN, IFD_POWER_UP, room, &length), IFD_NO_SUCH_DEVICE);
    assert_int_equal(IFDHTransmitToICC(LUN, pci, room, 5, room, &length, &pci), IFD_NO_SUCH_DEVICE);
    assert_int_equal(IFDHControl(LUN, FEATURES, NULL, 0, room, sizeof room, &length), IFD_NO_SUCH_DEVICE);
    assert_int_equal(IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0), IFD_NO_SUCH_DEVICE);
    assert_int_equal(IFDHSetCapabilities(LUN, 1, 0, NULL), IFD_ERROR_TAG);
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_ATR, &length, NULL), IFD_COMMUNICATION_ERROR);
    length = sizeof room;
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_ATR, &length, room), IFD_ERROR_TAG);
    length = sizeof room;
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_SIMULTANEOUS_ACCESS, &length, room), IFD_SUCCESS);
    assert_int_equal(length, 1);
    assert_int_equal(room[0], 16);
    fetch_functions();
    assert_int_equal(wait_for_event(LUN, 1), IFD_NO_SUCH_DEVICE);
    assert_int_equal(stop_waiting(LUN), IFD_SUCCESS);
    open_reader(state);
    assert_int_equal(IFDHPowerICC(LUN, IFD_POWER_UP, NULL, &length), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHTransmitToICC(LUN, pci, NULL, 5, room, &length, &pci), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHTransmitToICC(LUN, pci, room, 5, room, NULL, &pci), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHControl(LUN, FEATURES, NULL, 0, NULL, 0, &length), IFD_COMMUNICATION_ERROR);
    assert_int_equal(IFDHControl(LUN, FEATURES, NULL, 0, room, 6, &length), IFD_SUCCESS);
    assert_int_equal(length, 6);
    assert_int_equal(IFDHControl(LUN, FEATURES, NULL, 0, room, 5, &length), IFD_ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(IFDHControl(LUN, 0x42000999, NULL, 0, room, sizeof room, &length), IFD_ERROR_NOT_SUPPORTED);
    length = 2;
    assert_int_equal(IFDHGetCapabilities(LUN, SCARD_ATTR_MAXINPUT, &length, room), IFD_ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_RAW, 0, 0, 0, 0), IFD_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_T0, 0, 0, 0, 0), IFD_SUCCESS);
    assert_int_equal(IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0), IFD_SUCCESS);
    close_reader(state);
}

static void stop_ends_one_wait(void **state) {
    (void)state;
    int64_t start = clock_monotonic_ms();
    stop_waiting(LUN);
    stop_waiting(LUN);
    assert_int_equal(wait_for_event(LUN, LONG_MS), IFD_SUCCESS);
    assert_in_range(clock_monotonic_ms() - start, 0, LONG_MS / 2);
    start = clock_monotonic_ms();
    assert_int_equal(wait_for_event(LUN, 100), IFD_SUCCESS);
    assert_in_range(clock_monotonic_ms() - start, 99, LONG_MS);
}

static void exchanges(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 5, 261, 65535, CARDLINK_RESPONSE_MAX - 2};
    honest h;
    DWORD length;
    assert_int_equal(honest_start(&h, path), RESULT_OK);
    assert_false(IFDHICCPresence(LUN) == IFD_ICC_PRESENT);
    cardlink_backend_card_in(h.backend, BYTES(atr));
    assert_true(wait_until_present(true));
    assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT); /* not powered yet */
    assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
    assert_int_equal(length, sizeof atr);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_int_equal(transmit(lengths[i], CARDLINK_RESPONSE_MAX, &length), IFD_SUCCESS);
    assert_int_equal(transmit(CARDLINK_COMMAND_MAX + 1, CARDLINK_RESPONSE_MAX, &length), IFD_ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(transmit(0, CARDLINK_RESPONSE_MAX, &length), IFD_ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(transmit(5, 6, &length), IFD_ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(length, 0);
    assert_int_equal(transmit(5, 7, &length), IFD_SUCCESS);
    assert_int_equal(power(IFD_RESET, &length), IFD_SUCCESS);
    assert_int_equal(power(IFD_POWER_DOWN, &length), IFD_SUCCESS);
    assert_int_equal(length, 0);
    assert_int_equal(atomic_load(&h.resets), 3);
    assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT);
    assert_int_equal(power(999, &length), IFD_ERROR_NOT_SUPPORTED);
    honest_stop(&h);
    assert_true(wait_until_present(false));
    assert_int_equal(power(IFD_POWER_UP, &length), IFD_ICC_NOT_PRESENT);
}

/* However fast the swap: absent, nothing reaches the new card before pcscd has seen it and powered it. */
static void a_swap_is_latched(void **state) {
    (void)state;
    honest h;
    DWORD length;
    assert_int_equal(honest_start(&h, path), RESULT_OK);
    cardlink_backend_card_in(h.backend, BYTES(atr));
    for (int i = 0; i < 20; i++) {
        assert_true(wait_until_present(true));
        assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
        assert_int_equal(transmit(5, 300, &length), IFD_SUCCESS);
        cardlink_backend_card_in(h.backend, BYTES(atr)); /* tells of the removal itself */
        RESPONSECODE seen = i % 2 == 0 ? transmit(5, 300, &length) : power(IFD_RESET, &length);
        assert_int_equal(seen, IFD_ICC_NOT_PRESENT);
        assert_int_equal(power(IFD_POWER_UP, &length), IFD_ICC_NOT_PRESENT);
        int64_t start = clock_monotonic_ms();
        wait_for_event(LUN, LONG_MS);
        assert_in_range(clock_monotonic_ms() - start, 0, LONG_MS / 2);
        assert_int_equal(IFDHICCPresence(LUN), IFD_ICC_NOT_PRESENT);
        assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT);
    }
    honest_stop(&h);
}

/* pcscd looks before it powers, in every thread, and takes no removal from that. The event thread's look counts, from
 * the return of its wait to the next one. */
static void a_swap_is_not_used_up_by_who_looks(void **state) {
    (void)state;
    honest h;
    DWORD length;
    assert_int_equal(honest_start(&h, path), RESULT_OK);
    cardlink_backend_card_in(h.backend, BYTES(atr));
    for (int i = 0; i < 20; i++) {
        assert_true(wait_until_present(true));
        assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
        if (i % 2 == 0)
            wait_for_event(LUN, 1); /* nothing has happened: this wait sends nobody to look */
        cardlink_backend_card_in(h.backend, BYTES(atr));
        for (int look = 0; look < 3; look++)
            assert_int_equal(IFDHICCPresence(LUN), IFD_ICC_NOT_PRESENT);
        assert_int_equal(power(IFD_POWER_UP, &length), IFD_ICC_NOT_PRESENT);
        assert_int_equal(wait_for_event(LUN, LONG_MS), IFD_SUCCESS);
        for (int look = 0; look < 3; look++)
            assert_int_equal(IFDHICCPresence(LUN), IFD_ICC_NOT_PRESENT);
        assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT);
    }
    honest_stop(&h);
}

static void a_silent_backend_is_dropped_and_may_come_again(void **state) {
    (void)state;
    honest h;
    DWORD length;
    assert_int_equal(honest_start(&h, path), RESULT_OK);
    cardlink_backend_card_in(h.backend, BYTES(atr));
    assert_true(wait_until_present(true));
    assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
    atomic_store(&h.mute, true);
    int64_t start = clock_monotonic_ms();
    assert_int_equal(transmit(5, 300, &length), IFD_RESPONSE_TIMEOUT);
    assert_in_range(clock_monotonic_ms() - start, 295, LONG_MS);
    assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT);
    atomic_store(&h.mute, false);
    assert_true(wait_until_present(false));
    assert_true(wait_until_present(true)); /* the backend has linked itself again */
    assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
    assert_int_equal(transmit(5, 300, &length), IFD_SUCCESS);
    honest_stop(&h);
}

/* As in pcscd: one thread waits for events without any lock, another has the reader's lock for everything else. */
static pthread_mutex_t reader_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool events_end;
static atomic_int presence;

static void *follow_events(void *unused) {
    (void)unused;
    while (!atomic_load(&events_end)) {
        wait_for_event(LUN, 200);
        pthread_mutex_lock(&reader_lock);
        atomic_store(&presence, IFDHICCPresence(LUN) == IFD_ICC_PRESENT);
        pthread_mutex_unlock(&reader_lock);
    }
    return NULL;
}

static bool presence_becomes(int wanted) {
    for (int i = 0; i < 5000 && atomic_load(&presence) != wanted; i++)
        usleep(1000);
    return atomic_load(&presence) == wanted;
}

static void waiting_and_exchanging_at_once(void **state) {
    (void)state;
    honest h;
    pthread_t events;
    DWORD length;
    assert_int_equal(honest_start(&h, path), RESULT_OK);
    atomic_store(&events_end, false);
    assert_int_equal(pthread_create(&events, NULL, follow_events, NULL), 0);
    for (int i = 0; i < 20; i++) {
        cardlink_backend_card_in(h.backend, BYTES(atr));
        assert_true(presence_becomes(1));
        pthread_mutex_lock(&reader_lock);
        assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
        for (int j = 0; j < 50; j++)
            assert_int_equal(transmit(5 + (size_t)j * 100, CARDLINK_RESPONSE_MAX, &length), IFD_SUCCESS);
        pthread_mutex_unlock(&reader_lock);
        stop_waiting(LUN);
        cardlink_backend_card_out(h.backend);
        assert_true(presence_becomes(0));
    }
    atomic_store(&events_end, true);
    stop_waiting(LUN);
    pthread_join(events, NULL);
    honest_stop(&h);
}

/* Random bytes instead of a backend, with and without a good beginning. The handler drops them and goes on. */
static void noise_harms_nobody(void **state) {
    (void)state;
    unsigned seed = 7816;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int round = 0; round < 300; round++) {
        uint8_t noise[200];
        buffer good = BUFFER_INIT(256);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        cardlink_hello_build(CARDLINK_VERSION, &good);
        if (round % 3 == 1)
            cardlink_frame_build(&(cardlink_frame){CARDLINK_CARD_IN, 3, BYTES(atr)}, &good);
        if (round % 3 != 0)
            assert_int_equal(send(fd, good.data, good.length, MSG_NOSIGNAL), good.length);
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(rand_r(&seed) >> 8 & (round % 2 == 0 ? 0xFF : 0x03));
        send(fd, noise, sizeof noise, MSG_NOSIGNAL);
        IFDHICCPresence(LUN);
        wait_for_event(LUN, 1);
        close(fd);
        buffer_wipe(&good);
        assert_true(wait_until_present(false));
    }
    exchanges(state);
}

/* --- a backend that says what the test says, in the same thread ---------------------------------------------------- */

static void say(int fd, cardlink_type type, uint32_t generation, bytes payload) {
    buffer raw = BUFFER_INIT(512);
    if (type == CARDLINK_HELLO)
        assert_int_equal(cardlink_hello_build(CARDLINK_VERSION, &raw), RESULT_OK);
    else
        assert_int_equal(cardlink_frame_build(&(cardlink_frame){type, generation, payload}, &raw), RESULT_OK);
    assert_int_equal(send(fd, raw.data, raw.length, MSG_NOSIGNAL), raw.length);
    buffer_wipe(&raw);
}

static int link_with_card(uint32_t generation) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    say(fd, CARDLINK_HELLO, 0, BYTES(atr));
    say(fd, CARDLINK_CARD_IN, generation, BYTES(atr));
    assert_true(wait_until_present(true));
    return fd;
}

static int link_with_powered_card(uint32_t generation) {
    DWORD length;
    int fd = link_with_card(generation);
    say(fd, CARDLINK_POWER_UP_DONE, generation, BYTES(atr)); /* before it is asked: nobody else waits for it */
    assert_int_equal(power(IFD_POWER_UP, &length), IFD_SUCCESS);
    return fd;
}

static void each_backend_counts_its_cards(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        close(link_with_card(7));
        assert_true(wait_until_present(false));
    }
}

static void an_answer_has_a_status_word(void **state) {
    (void)state;
    DWORD length;
    const uint8_t one[] = {0x90};
    int fd = link_with_powered_card(1);
    say(fd, CARDLINK_RESPONSE, 1, BYTES(one));
    assert_int_equal(transmit(5, 300, &length), IFD_COMMUNICATION_ERROR);
    assert_int_equal(length, 0);
    say(fd, CARDLINK_RESPONSE, 1, bytes_of(one, 0));
    assert_int_equal(transmit(5, 300, &length), IFD_COMMUNICATION_ERROR);
    close(fd);
    assert_true(wait_until_present(false));
}

/* Power is of one card: the next one has none, no contact and no ATR before pcscd has powered it. */
static void power_is_of_one_card(void **state) {
    (void)state;
    DWORD length;
    UCHAR room[MAX_ATR_SIZE];
    int fd = link_with_powered_card(1);
    say(fd, CARDLINK_CARD_IN, 2, BYTES(atr));
    assert_true(wait_until_present(false));
    assert_true(wait_until_present(true));
    assert_int_equal(transmit(5, 300, &length), IFD_ICC_NOT_PRESENT);
    length = sizeof room;
    assert_int_equal(IFDHGetCapabilities(LUN, TAG_IFD_ATR, &length, room), IFD_ERROR_TAG);
    length = sizeof room;
    assert_int_equal(IFDHGetCapabilities(LUN, SCARD_ATTR_ICC_INTERFACE_STATUS, &length, room), IFD_SUCCESS);
    assert_int_equal(room[0], 0);
    close(fd);
    assert_true(wait_until_present(false));
}

static void powering_has_a_deadline(void **state) {
    (void)state;
    DWORD length;
    int fd = link_with_card(1);
    clock_stands = true;
    skipped_ms = 0;
    RESPONSECODE code = power(IFD_POWER_UP, &length);
    clock_stands = false;
    assert_int_equal(code, IFD_ERROR_POWER_ACTION);
    assert_int_equal(skipped_ms, 5000);
    close(fd);
    assert_true(wait_until_present(false));
}

/* Every card is another one; all in one second, as the clock stands. */
static void a_flood_of_cards_is_dropped(void **state) {
    (void)state;
    char byte;
    for (uint32_t count = 2000; count <= 2001; count++) {
        buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
        int fd = link_with_card(1);
        clock_stands = true;
        skipped_ms += 10000; /* another second than the last round's */
        for (uint32_t i = 0; i < count; i++)
            cardlink_frame_build(&(cardlink_frame){CARDLINK_CARD_IN, i + 2, BYTES(atr)}, &raw);
        bool sent = send(fd, raw.data, raw.length, MSG_NOSIGNAL) == (ssize_t)raw.length;
        IFDHICCPresence(LUN);
        clock_stands = false;
        assert_true(sent);
        while (recv(fd, &byte, 1, MSG_DONTWAIT) == 1) /* HELLO */
            ;
        assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT) == 0, count > 2000);
        buffer_wipe(&raw);
        close(fd);
        assert_true(wait_until_present(false));
    }
}

/* Nothing is shown for a while after a removal: pcscd's threads are not of one mind about the card before. */
static void a_removal_is_followed_by_quiet(void **state) {
    (void)state;
    int fd = link_with_card(1);
    clock_stands = true;
    skipped_ms = 0;
    say(fd, CARDLINK_CARD_IN, 2, BYTES(atr));
    wait_for_event(LUN, 0);
    bool at_once = IFDHICCPresence(LUN) == IFD_ICC_PRESENT;
    wait_for_event(LUN, 0); /* takes the removal for seen */
    bool too_early = IFDHICCPresence(LUN) == IFD_ICC_PRESENT;
    skipped_ms += 49;
    too_early |= IFDHICCPresence(LUN) == IFD_ICC_PRESENT;
    skipped_ms += 1;
    bool then = IFDHICCPresence(LUN) == IFD_ICC_PRESENT;
    clock_stands = false;
    assert_false(at_once);
    assert_false(too_early);
    assert_true(then);
    close(fd);
    assert_true(wait_until_present(false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_readers_and_missing_arguments),
        cmocka_unit_test_setup_teardown(stop_ends_one_wait, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(exchanges, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(a_swap_is_latched, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(a_swap_is_not_used_up_by_who_looks, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(a_silent_backend_is_dropped_and_may_come_again, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(waiting_and_exchanging_at_once, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(noise_harms_nobody, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(each_backend_counts_its_cards, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(an_answer_has_a_status_word, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(power_is_of_one_card, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(powering_has_a_deadline, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(a_flood_of_cards_is_dropped, open_reader, close_reader),
        cmocka_unit_test_setup_teardown(a_removal_is_followed_by_quiet, open_reader, close_reader),
    };
    return cmocka_run_group_tests_name("ifd-handler", tests, make_folder, remove_folder);
}

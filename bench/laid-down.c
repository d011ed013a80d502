/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long a patient waits at a desk where the card begins the reception ([desk] start = card): from the moment when the
 * card is in the reader to the event that says that the answer is stored (docs/interfaces/events.md). One program puts
 * the card in and reads the events, so both times are of one clock.
 *
 *   laid-down CONTROL EVENTS READER IMAGE COUNT     prints "laid-down MEDIAN P99 COUNT" in microseconds
 *
 * CONTROL is softcard's control socket, EVENTS the desk's socket of events. The reader must be empty, and somebody logged
 * in. Between two cards it stays empty for as long as a hand needs at least: the handler shows no card sooner than 50 ms
 * after another has left (ifd-handler/slot.c), and no patient is that fast. */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WORDS_MAX 4096
#define LINE_MAX_BYTES 1024
#define HAND_US 300000 /* from one card's leaving until the next is laid down */
#define SILENCE_MAX 60 /* signs of life, one a second, until a reception is given up */

static void fail(const char *what) {
    fprintf(stderr, "laid-down: %s\n", what);
    exit(1);
}

static int open_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail(path);
    return fd;
}

/* Words each ended by a NUL (mocks/cards/softcard_control.h). The reader's answer is waited for. */
static void control(const char *path, const char *command, const char *reader, const char *image) {
    char words[WORDS_MAX], answer[64] = "";
    const int length = snprintf(words, sizeof words, "%s%c%s%c%s", command, 0, reader, 0, image);
    const int fd = open_socket(path);
    if (write(fd, words, (size_t)length + (*image != 0)) < 0 || shutdown(fd, SHUT_WR) != 0 ||
        read(fd, answer, sizeof answer - 1) <= 0 || strncmp(answer, "ok", 2) != 0)
        fail(answer);
    close(fd);
}

/* The next event with this word; only signs of life in between are counted. */
static void wait_for(FILE *events, const char *word, const char *needed) {
    char line[LINE_MAX_BYTES], wanted[64];
    int silent = 0;
    snprintf(wanted, sizeof wanted, "\"event\":\"%s\"", word);
    while (silent < SILENCE_MAX && fgets(line, sizeof line, events) != NULL) {
        silent += strstr(line, "\"event\":\"alive\"") != NULL;
        if (strstr(line, wanted) == NULL)
            continue;
        if (needed != NULL && strstr(line, needed) == NULL)
            fail(line);
        return;
    }
    fail(word);
}

int main(int argc, char **argv) {
    static const char greeting[] = "{\"stream\":\"staff\"}\n";
    samples times = {0};
    if (argc != 6) {
        fputs("usage: laid-down CONTROL EVENTS READER IMAGE COUNT\n", stderr);
        return 2;
    }
    const int fd = open_socket(argv[2]);
    FILE *events = fdopen(fd, "r");
    if (events == NULL || write(fd, greeting, sizeof greeting - 1) < 0)
        fail(argv[2]);
    wait_for(events, "hello", NULL);
    for (long left = strtol(argv[5], NULL, 10); left > 0; left--) {
        usleep(HAND_US);
        const double begun = samples_now_us();
        control(argv[1], "insert", argv[3], argv[4]);
        wait_for(events, "done", "\"evidenceId\"");
        samples_add(&times, samples_now_us() - begun);
        control(argv[1], "remove", argv[3], "");
        wait_for(events, "card-gone", NULL);
    }
    samples_print(&times, "laid-down");
    fclose(events);
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bad line between two programs: passes TCP on, and cuts it, holds it up, swallows it, repeats or mixes it up at a
 * chosen byte. What goes through is TLS, so the proxy can do what a line can do, not more.
 *
 *   fault-proxy --to PORT [--port-file FILE] [--mode MODE] [--toward client|server] [--after N | --answer-of N] [--delay MS]
 *
 * --after N counts the bytes toward the client (or the server) over all connections; --answer-of N waits for what comes
 * toward the client on a connection that has sent the server more than N bytes. There, once:
 *   cut      the connection ends on both sides
 *   stall    nothing more passes in either direction, but the connection stays open
 *   swallow  all that is still said in that direction is lost; the other side sees the end only when the speaker ends
 *   repeat   what came in one piece from there on is passed twice
 *   reorder  the two halves of it change places
 * Then it prints "struck". Without --after nothing happens but --delay, for each piece. At SIGTERM it prints
 * "connections bytes-to-server bytes-to-client". */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES_MAX 32
#define PIECE 4096

typedef enum mode { CUT, STALL, SWALLOW, REPEAT, REORDER } mode;
static const char *const mode_names[] = {"cut", "stall", "swallow", "repeat", "reorder"};

typedef enum side { SERVER, CLIENT } side;

typedef struct line {
    int ends[2]; /* by side; -1: no line */
    bool stalled, mute;
    long sent; /* to the server */
} line;

static line lines[LINES_MAX];
static long connections, passed[2], after = -1, answer_of; /* passed: toward that side */
static int delay_ms;
static mode how = CUT;
static side toward = CLIENT;
static volatile sig_atomic_t ended;

static void on_signal(int number) {
    (void)number;
    ended = 1;
}

static void drop(line *l) {
    close(l->ends[CLIENT]);
    close(l->ends[SERVER]);
    *l = (line){.ends = {-1, -1}};
}

static bool write_all(int fd, const char *data, ssize_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, data, (size_t)length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        length -= sent;
    }
    return true;
}

/* The fault happens in the piece in which the count is reached, to what is left of it. False: the line is gone. */
static bool strike(line *l, const char *rest, ssize_t length) {
    const int to = l->ends[toward];
    const ssize_t half = length / 2;
    after = -1; /* once */
    answer_of = 0;
    printf("struck\n");
    fflush(stdout);
    switch (how) {
    case CUT: return false;
    case STALL: l->stalled = true; return true;
    case SWALLOW: l->mute = true; return true;
    case REPEAT: return write_all(to, rest, length) && write_all(to, rest, length);
    case REORDER: return write_all(to, rest + half, length - half) && write_all(to, rest, half);
    }
    return false;
}

static void pass(line *l, side to) {
    char piece[PIECE];
    const ssize_t length = recv(l->ends[!to], piece, sizeof piece, 0);
    if (length <= 0) {
        drop(l);
        return;
    }
    const bool struck = answer_of > 0 ? to == CLIENT && l->sent > answer_of
                                      : to == toward && after >= 0 && passed[to] + length > after;
    const ssize_t whole = !struck ? length : after > passed[to] ? (ssize_t)(after - passed[to]) : 0;
    passed[to] += length;
    l->sent += to == SERVER ? length : 0;
    if (to == toward && l->mute)
        return;
    if (!write_all(l->ends[to], piece, whole) || (struck && !strike(l, piece + whole, length - whole)))
        drop(l);
}

static int loopback(int port, bool listening) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const struct sockaddr *plain = (const struct sockaddr *)&address;
    if (fd >= 0 && (listening ? bind(fd, plain, sizeof address) || listen(fd, LINES_MAX)
                              : connect(fd, plain, sizeof address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void accept_line(int listener, int port) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
    int server = client >= 0 ? loopback(port, false) : -1;
    connections++;
    if (server >= 0)
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (int i = 0; i < LINES_MAX && server >= 0; i++)
        if (lines[i].ends[CLIENT] < 0) {
            lines[i] = (line){.ends = {[CLIENT] = client, [SERVER] = server}};
            return;
        }
    if (client >= 0)
        close(client);
    if (server >= 0)
        close(server);
}

static void serve(int listener, int port) {
    struct pollfd events[1 + 2 * LINES_MAX];
    while (!ended) {
        events[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < LINES_MAX; i++) {
            const bool open = !lines[i].stalled;
            events[1 + 2 * i] = (struct pollfd){.fd = open ? lines[i].ends[CLIENT] : -1, .events = POLLIN};
            events[2 + 2 * i] = (struct pollfd){.fd = open ? lines[i].ends[SERVER] : -1, .events = POLLIN};
        }
        if (poll(events, 1 + 2 * LINES_MAX, 1000) <= 0)
            continue;
        if (delay_ms > 0)
            usleep((useconds_t)delay_ms * 1000);
        for (int i = 0; i < LINES_MAX; i++) {
            if (events[1 + 2 * i].revents != 0 && lines[i].ends[CLIENT] >= 0)
                pass(&lines[i], SERVER);
            if (events[2 + 2 * i].revents != 0 && lines[i].ends[CLIENT] >= 0)
                pass(&lines[i], CLIENT);
        }
        if (events[0].revents != 0)
            accept_line(listener, port);
    }
}

static void tell_port(int listener, const char *path) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    FILE *file = path != NULL ? fopen(path, "we") : NULL;
    if (file == NULL || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        exit(1);
    fprintf(file, "%d\n", ntohs(address.sin_port));
    fclose(file);
}

static bool mode_of(const char *name) {
    for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; i++)
        if (strcmp(mode_names[i], name) == 0) {
            how = (mode)i;
            return true;
        }
    return false;
}

/* The port that the proxy leads to; 0: a wrong command line. */
static int take_options(int count, char **arguments, const char **port_file) {
    static const struct option options[] = {
        {"to", 1, NULL, 't'},    {"port-file", 1, NULL, 'p'}, {"mode", 1, NULL, 'm'},      {"toward", 1, NULL, 'w'},
        {"after", 1, NULL, 'a'}, {"delay", 1, NULL, 'd'},     {"answer-of", 1, NULL, 'o'}, {NULL, 0, NULL, 0}};
    int port = 0;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        if (option == 't')
            port = atoi(optarg);
        else if (option == 'p')
            *port_file = optarg;
        else if (option == 'm' && mode_of(optarg))
            continue;
        else if (option == 'w')
            toward = strcmp(optarg, "server") == 0 ? SERVER : CLIENT;
        else if (option == 'a')
            after = atol(optarg);
        else if (option == 'o')
            answer_of = atol(optarg);
        else if (option == 'd')
            delay_ms = atoi(optarg);
        else
            return 0;
    }
    return port;
}

int main(int count, char **arguments) {
    const char *port_file = NULL;
    const int port = take_options(count, arguments, &port_file);
    if (port == 0)
        return 2;
    for (int i = 0; i < LINES_MAX; i++)
        lines[i] = (line){.ends = {-1, -1}};
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int listener = loopback(0, true);
    if (listener < 0)
        return 1;
    tell_port(listener, port_file);
    serve(listener, port);
    printf("%ld %ld %ld\n", connections, passed[SERVER], passed[CLIENT]);
    return 0;
}

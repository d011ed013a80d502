/* A bad line between two programs: passes TCP on, and cuts it, holds it up or swallows it at a chosen byte. What goes through is
 * TLS, so the proxy can do what a line can do, not more.
 *
 *   fault-proxy --to PORT [--port-file FILE] [--mode cut|stall|swallow] [--after N] [--delay MS]
 *
 * --after N counts the bytes from the server to the client over all connections: at the N-th, cut ends the connection on both
 * sides; stall passes nothing more in either direction but keeps it open; swallow takes all that the server still says and
 * ends towards the client only when the server ends. Without --after nothing happens but --delay, for each piece. At SIGTERM
 * it prints "connections bytes-to-server bytes-to-client". */
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

#define LINES_MOST 32
#define PIECE 4096

typedef enum mode { CUT, STALL, SWALLOW } mode;

typedef struct line {
    int client, server; /* -1: no line */
    bool stalled, mute;
} line;

static line lines[LINES_MOST];
static long connections, to_server, to_client, after = -1;
static int delay_ms;
static mode how = CUT;
static volatile sig_atomic_t ended;

static void on_signal(int number) {
    (void)number;
    ended = 1;
}

static void drop(line *l) {
    close(l->client);
    close(l->server);
    *l = (line){.client = -1, .server = -1};
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

/* The fault happens in the piece in which the count is reached. */
static void strike(line *l) {
    if (how == CUT)
        drop(l);
    else if (how == STALL)
        l->stalled = true;
    else
        l->mute = true;
    after = -1; /* once */
}

static void pass_to_client(line *l) {
    char piece[PIECE];
    ssize_t length = recv(l->server, piece, sizeof piece, 0);
    if (length <= 0) {
        drop(l);
        return;
    }
    ssize_t allowed = after >= 0 && to_client + length > after ? (ssize_t)(after - to_client) : length;
    if (allowed < 0)
        allowed = 0;
    to_client += length;
    if (!l->mute && !write_all(l->client, piece, allowed)) {
        drop(l);
        return;
    }
    if (allowed < length)
        strike(l);
}

static void pass_to_server(line *l) {
    char piece[PIECE];
    ssize_t length = recv(l->client, piece, sizeof piece, 0);
    if (length > 0)
        to_server += length;
    if (length <= 0 || !write_all(l->server, piece, length))
        drop(l);
}

static int loopback(int port, bool listening) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const struct sockaddr *plain = (const struct sockaddr *)&address;
    if (fd >= 0 && (listening ? bind(fd, plain, sizeof address) || listen(fd, LINES_MOST) : connect(fd, plain, sizeof address)) == 0)
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
    for (int i = 0; i < LINES_MOST && server >= 0; i++)
        if (lines[i].client < 0) {
            lines[i] = (line){.client = client, .server = server};
            return;
        }
    if (client >= 0)
        close(client);
    if (server >= 0)
        close(server);
}

static void serve(int listener, int port) {
    struct pollfd events[1 + 2 * LINES_MOST];
    while (!ended) {
        events[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < LINES_MOST; i++) {
            const bool open = lines[i].client >= 0 && !lines[i].stalled;
            events[1 + 2 * i] = (struct pollfd){.fd = open ? lines[i].client : -1, .events = POLLIN};
            events[2 + 2 * i] = (struct pollfd){.fd = open ? lines[i].server : -1, .events = POLLIN};
        }
        if (poll(events, 1 + 2 * LINES_MOST, 1000) <= 0)
            continue;
        if (delay_ms > 0)
            usleep((useconds_t)delay_ms * 1000);
        for (int i = 0; i < LINES_MOST; i++) {
            if (events[1 + 2 * i].revents != 0 && lines[i].client >= 0)
                pass_to_server(&lines[i]);
            if (events[2 + 2 * i].revents != 0 && lines[i].client >= 0)
                pass_to_client(&lines[i]);
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

int main(int count, char **arguments) {
    static const struct option options[] = {{"to", 1, NULL, 't'},    {"port-file", 1, NULL, 'p'}, {"mode", 1, NULL, 'm'},
                                            {"after", 1, NULL, 'a'}, {"delay", 1, NULL, 'd'},     {NULL, 0, NULL, 0}};
    const char *port_file = NULL;
    int port = 0;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        if (option == 't')
            port = atoi(optarg);
        else if (option == 'p')
            port_file = optarg;
        else if (option == 'm')
            how = strcmp(optarg, "stall") == 0 ? STALL : strcmp(optarg, "swallow") == 0 ? SWALLOW : CUT;
        else if (option == 'a')
            after = atol(optarg);
        else if (option == 'd')
            delay_ms = atoi(optarg);
        else
            return 2;
    }
    for (int i = 0; i < LINES_MOST; i++)
        lines[i] = (line){.client = -1, .server = -1};
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int listener = loopback(0, true);
    if (listener < 0 || port == 0)
        return 1;
    tell_port(listener, port_file);
    serve(listener, port);
    printf("%ld %ld %ld\n", connections, to_server, to_client);
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11_rpc/rpc_tls.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/http_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define USER_TIMEOUT_MS 8000 /* a cable that was pulled: tcp(7), TCP_USER_TIMEOUT */

/* Frames are small and waited for; a peer that is gone must not be waited for. */
static void set_options(int fd) {
    const int yes = 1, idle_s = 15;
    const unsigned user_ms = USER_TIMEOUT_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof user_ms);
}

/* The socket does not block: every wait has its own deadline (rpc_end.h). */
static bool be_patient(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static result shake_hands(gnutls_session_t session, int fd, int64_t deadline_ms) {
    int code;
    while ((code = gnutls_handshake(session)) == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) {
        const int64_t left = deadline_ms - clock_monotonic_ms();
        const bool writes = gnutls_record_get_direction(session) == 1;
        struct pollfd one = {.fd = fd, .events = writes ? POLLOUT : POLLIN};
        if (left <= 0 || poll(&one, 1, (int)left) == 0)
            return RESULT_TIMEOUT;
    }
    if (code < 0)
        log_debug("TLS: %s", gnutls_strerror(code));
    return code == GNUTLS_E_SUCCESS ? RESULT_OK : RESULT_DENIED;
}

static result begin(gnutls_session_t session, int fd, int64_t deadline_ms) {
    set_options(fd);
    if (!be_patient(fd))
        return RESULT_IO;
    gnutls_transport_set_int(session, fd);
    return shake_hands(session, fd, deadline_ms);
}

/* --- the server's end --------------------------------------------------------------------------------------------- */

result rpc_tls_accept(http_tls *tls, const http_trust *trust, int fd, http_peer *peer, rpc_end *out) {
    const char *cause = "";
    *out = (rpc_end){.fd = fd};
    result code = RESULT_NO_MEMORY;
    if (gnutls_init(&out->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) == GNUTLS_E_SUCCESS &&
        gnutls_priority_set_direct(out->session, http_profile_priorities(false), NULL) == GNUTLS_E_SUCCESS) {
        http_tls_prepare(tls, out->session);
        code = begin(out->session, fd, clock_monotonic_ms() + RPC_HANDSHAKE_MS);
    }
    if (code == RESULT_OK && !http_profile_kept(out->session, false))
        code = RESULT_DENIED;
    if (code == RESULT_OK)
        code = http_peer_check(trust, out->session, peer, &cause);
    if (code != RESULT_OK)
        log_debug("a client is refused: %s", *cause ? cause : result_text(code));
    return code;
}

result rpc_tls_check_again(const http_trust *trust, const rpc_end *end, const char **cause) {
    http_peer peer;
    return http_peer_check(trust, end->session, &peer, cause);
}

/* --- the client's end --------------------------------------------------------------------------------------------- */

result rpc_tls_client_new(const char *certificate, const char *key, const char *anchor, const char *crl,
                          const revocation_policy *policy, rpc_tls_client *out) {
    const char *unusable = anchor;
    *out = (rpc_tls_client){0};
    result code = http_trust_new(anchor, crl, policy, &out->trust, &unusable);
    if (code != RESULT_OK) {
        log_error("%s: %s. Check [trust] anchors.", unusable, result_text(code));
        return code;
    }
    if (gnutls_certificate_allocate_credentials(&out->credentials) < 0)
        code = RESULT_NO_MEMORY;
    else if (gnutls_certificate_set_x509_key_file(out->credentials, certificate, key, GNUTLS_X509_FMT_PEM) < 0) {
        log_error("%s, %s: no certificate with its key. Check [tls] certificate and key.", certificate, key);
        code = RESULT_INVALID;
    }
    if (code != RESULT_OK)
        rpc_tls_client_free(out);
    return code;
}

void rpc_tls_client_free(rpc_tls_client *client) {
    if (client->credentials != NULL)
        gnutls_certificate_free_credentials(client->credentials);
    if (client->trust != NULL)
        http_trust_free(&client->trust);
    *client = (rpc_tls_client){0};
}

static bool connected(int fd, const struct addrinfo *place, int64_t deadline_ms) {
    int error = 0;
    socklen_t length = sizeof error;
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    if (connect(fd, place->ai_addr, place->ai_addrlen) == 0)
        return true;
    const int64_t left = deadline_ms - clock_monotonic_ms();
    return errno == EINPROGRESS && left > 0 && poll(&one, 1, (int)left) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

static int reach(const char *host, const char *port, int64_t deadline_ms) {
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    int fd = -1;
    if (getaddrinfo(host, port, &wanted, &all) != 0)
        return -1;
    for (const struct addrinfo *one = all; one != NULL && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && !connected(fd, one, deadline_ms)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    return fd;
}

static bool is_name(const char *host) {
    return host[strspn(host, "0123456789.")] != '\0' && strchr(host, ':') == NULL;
}

static result prepare(const rpc_tls_client *client, const char *host, gnutls_session_t session) {
    const bool good = gnutls_priority_set_direct(session, http_profile_priorities(false), NULL) == GNUTLS_E_SUCCESS &&
                      gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, client->credentials) ==
                          GNUTLS_E_SUCCESS &&
                      (!is_name(host) ||
                       gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host)) == GNUTLS_E_SUCCESS);
    return good ? RESULT_OK : RESULT_NO_MEMORY;
}

result rpc_tls_connect(const rpc_tls_client *client, const char *host, const char *port, int timeout_ms, rpc_end *out) {
    const int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    *out = (rpc_end){.fd = reach(host, port, deadline_ms)};
    if (out->fd < 0)
        return RESULT_UNAVAILABLE;
    result code = gnutls_init(&out->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) == GNUTLS_E_SUCCESS
                      ? prepare(client, host, out->session)
                      : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = begin(out->session, out->fd, deadline_ms);
    if (code == RESULT_OK &&
        (!http_profile_kept(out->session, false) ||
         http_trust_check_peer(client->trust, out->session, GNUTLS_KP_TLS_WWW_SERVER, host) != HTTP_TRUST_GOOD))
        code = RESULT_BAD_SIGNATURE;
    if (code != RESULT_OK)
        rpc_close(out);
    return code;
}

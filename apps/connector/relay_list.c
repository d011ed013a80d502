/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "relay_list.h"

#include "base/file.h"
#include "base/log.h"
#include "service/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "HOST:PORT", "[ADDRESS]:PORT" */
static bool read_place(const char *text, relay_place *out) {
    const char *colon = strrchr(text, ':');
    const bool brackets = text[0] == '[' && colon != NULL && colon > text + 2 && colon[-1] == ']';
    const char *host = text + brackets;
    const size_t length = colon != NULL ? (size_t)(colon - host) - brackets : 0;
    if (length == 0 || length >= sizeof out->host || (!brackets && memchr(host, ':', length) != NULL))
        return false;
    snprintf(out->host, sizeof out->host, "%.*s", (int)length, host);
    const int written = snprintf(out->port, sizeof out->port, "%s", colon + 1);
    return written > 0 && written < (int)sizeof out->port && strspn(out->port, "0123456789") == (size_t)written;
}

static bool read_places(const char *text, relay_list *out) {
    char copy[RELAYS_MAX * RELAY_HOST_SIZE], *rest = copy;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return false;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        one += strspn(one, " ");
        one[strcspn(one, " ")] = '\0';
        if (out->count == RELAYS_MAX || !read_place(one, &out->places[out->count]))
            return false;
        out->count++;
    }
    return out->count > 0;
}

result relay_list_read(const configuration *c, relay_list *out) {
    bool complete = true;
    *out = (relay_list){.count = 0};
    const char *relays = configuration_need(c, "connector", "relays", &complete);
    const char *own = configuration_need(c, "tls", "certificate", &complete);
    const char *key = configuration_need(c, "tls", "key", &complete);
    const char *anchors = configuration_need(c, "trust", "anchors", &complete);
    const revocation_policy policy = service_revocation_policy(c, "tls-ca", &complete);
    if (!complete)
        return RESULT_INVALID;
    if (!read_places(relays, out)) {
        log_error("[connector] relays: at most %d of HOST:PORT, separated by commas", RELAYS_MAX);
        return RESULT_INVALID;
    }
    out->anchor = file_join(anchors, "tls-ca.pem");
    out->crl = file_join(anchors, "tls-ca.crl");
    result code = out->anchor != NULL && out->crl != NULL
                      ? rpc_tls_client_new(own, key, out->anchor, out->crl, &policy, &out->tls)
                      : RESULT_NO_MEMORY;
    if (code != RESULT_OK)
        relay_list_free(out);
    return code;
}

void relay_list_free(relay_list *list) {
    rpc_tls_client_free(&list->tls);
    free(list->anchor);
    free(list->crl);
    list->anchor = list->crl = NULL;
}

result relay_list_connect(relay_list *list, int timeout_ms, rpc_end *out) {
    const size_t first = atomic_load(&list->preferred);
    result code = RESULT_UNAVAILABLE;
    for (size_t i = 0; i < list->count; i++) {
        const size_t at = (first + i) % list->count;
        const relay_place *place = &list->places[at];
        code = rpc_tls_connect(&list->tls, place->host, place->port, timeout_ms, out);
        if (code == RESULT_OK) {
            atomic_store(&list->preferred, at);
            return RESULT_OK;
        }
        log_info("relay %s:%s: %s", place->host, place->port, result_text(code));
    }
    *out = (rpc_end){.fd = -1};
    return code;
}

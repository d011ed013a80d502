/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One call with the terminal's own HTTPS client (lib/net), its key in a file, for tests of what it trusts.
 *
 *   https-call URL CA CERTIFICATE KEY [CRL]     GET URL/status; prints the status, or why there is none */
#include "net/http_client.h"

#include <stdio.h>

int main(int argc, char **argv) {
    http_client *client = NULL;
    http_answer answer = {0};
    if (argc < 5)
        return 2;
    const http_client_options options = {.base_url = argv[1],
                                         .trust_anchor = argv[2],
                                         .certificate = argv[3],
                                         .key = argv[4],
                                         .trust_crl = argc > 5 ? argv[5] : NULL,
                                         .total_timeout_ms = 20000};
    result outcome = http_client_init(NULL);
    if (outcome == RESULT_OK)
        outcome = http_client_new(&options, &client);
    if (outcome == RESULT_OK)
        outcome = http_client_call(client, "GET", "/status", NULL, bytes_of(NULL, 0), &answer);
    if (outcome == RESULT_OK)
        printf("%d\n", answer.status);
    else
        printf("%s: %s\n", result_text(outcome), answer.message);
    http_answer_wipe(&answer);
    http_client_free(&client);
    http_client_end();
    return outcome == RESULT_OK ? 0 : 1;
}

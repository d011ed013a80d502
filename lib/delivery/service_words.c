/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/service_words.h"

#include "base/language.h"

#include <stddef.h>
#include <string.h>

#define N_(text) text /* for the catalogue; looked up where it is shown */

/* The first row that fits; status 0 and code NULL fit everything. */
static const struct {
    int status;
    const char *code, *words;
} refusals[] = {
    {403, NULL, N_("this terminal, its Secure Element or its certificate is not registered there, or is revoked")},
    {404, NULL, N_("it does not know this reception")},
    {409, NULL, N_("it has the same number with another content already")},
    {413, NULL, N_("the message is too long")},
    {422, "duplicate",
     N_("the card's challenge or the Secure Element's counter is in other evidence, too. Tell the administrator: "
        "another party may have this Secure Element's key")},
    {422, "security", N_("a signature or certificate of the evidence is not accepted there")},
    {422, "expired", N_("its session with the card is over. Begin again with the card")},
    {422, "forbidden", N_("it belongs to another institution, or is not permitted")},
    {422, "business-rule", N_("its day, time or kind is against a rule of the service. Check the terminal's clock")},
    {422, NULL, N_("its content is not as the service expects it")},
    {429, NULL, N_("it has no capacity now")},
    {503, NULL, N_("it has no capacity now, or its store fails")},
    {0, NULL, N_("it has a fault")},
};

const char *service_refusal_words(int status, const char *code) {
    size_t i = 0;
    while ((refusals[i].status != 0 && refusals[i].status != status) ||
           (refusals[i].code != NULL && strcmp(refusals[i].code, code) != 0))
        i++;
    return language_text(refusals[i].words);
}

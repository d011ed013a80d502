/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The block "card_driver myna" of OpenSC's configuration. */
#include "myna.h"

#include <scconf/scconf.h>
#include <stdlib.h>
#include <string.h>

#define RIGHT_SECONDS 30
#define RIGHT_SECONDS_MIN 1
#define RIGHT_SECONDS_MAX 86400

/* Borrowed from OpenSC's configuration, which lives longer than its cards; NULL when the option is nowhere. */
static const char *option(sc_card_t *card, const char *name) {
    const char *value = NULL;
    for (size_t i = 0; value == NULL && card->ctx->conf_blocks[i] != NULL; i++) {
        scconf_block **blocks = scconf_find_blocks(card->ctx->conf, card->ctx->conf_blocks[i], "card_driver",
                                                   MYNA_NAME);
        if (blocks != NULL && blocks[0] != NULL)
            value = scconf_get_str(blocks[0], name, NULL);
        free(blocks);
    }
    return value;
}

/* A value outside the bounds counts as the default, so that a typing error does not weaken the hold. */
static int right_seconds(const char *text) {
    char *end;
    long seconds = text != NULL && *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : 0;
    return seconds >= RIGHT_SECONDS_MIN && seconds <= RIGHT_SECONDS_MAX && *end == '\0' ? (int)seconds : RIGHT_SECONDS;
}

void myna_read_options(sc_card_t *card) {
    const char *hold = option(card, "hold_card");
    myna_of(card)->hold.always = hold != NULL && strcmp(hold, "always") == 0;
    myna_of(card)->hold.seconds = hold != NULL && strcmp(hold, "no") == 0
                                      ? 0
                                      : right_seconds(option(card, "right_seconds"));
    const char *import = option(card, "institution_import");
    const char *anchors = option(card, "trust_anchors");
    myna_of(card)->observed_import = import != NULL && strcmp(import, "observed") == 0;
    myna_of(card)->trust_anchors = anchors != NULL && *anchors != '\0' ? anchors : NULL;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const card_end_kind *card_end_kind_of(const char *name) {
    static const card_end_kind *const kinds[] = {&card_end_cardlink, &card_end_vpcd, &card_end_vpcd_quickack};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

card *card_end_open_echo(const char *image_folder) {
    const char *problem = "";
    card *echo = NULL;
    if (echo_card_personality.open(image_folder, &echo, &problem) != RESULT_OK) {
        fprintf(stderr, "%s is no echo card: %s\n", image_folder, problem);
        exit(1);
    }
    return echo;
}

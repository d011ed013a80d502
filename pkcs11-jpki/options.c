/* The block "card_driver myna" of OpenSC's configuration. */
#include "myna.h"

#include <scconf/scconf.h>
#include <stdlib.h>
#include <string.h>

void myna_read_options(sc_card_t *card) {
    myna *m = myna_of(card);
    for (size_t i = 0; card->ctx->conf_blocks[i] != NULL; i++) {
        scconf_block **blocks = scconf_find_blocks(card->ctx->conf, card->ctx->conf_blocks[i], "card_driver",
                                                   MYNA_NAME);
        if (blocks == NULL)
            continue;
        const char *import = blocks[0] == NULL ? NULL : scconf_get_str(blocks[0], "institution_import", NULL);
        free(blocks);
        if (import != NULL) {
            m->observed_import = strcmp(import, "observed") == 0;
            return;
        }
    }
}

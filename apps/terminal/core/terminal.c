/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/terminal.h"

#include "core/local_store_file.h"
#include "core/trust_anchors.h"

void terminal_begin(terminal *t) {
    *t = (terminal){0};
    t->store.folder = t->context.configuration.state;
    t->store.secret = t->context.configuration.se_store_secret;
}

void terminal_close(terminal *t) {
    cards_close_se(&t->cards);
    store_close(&t->store);
    anchors_forget(&t->context);
    cards_close(&t->cards);
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands to the emulated operator card, with the image of mock-ca's doctor: a card that speaks T=0, knows no
 * extended length and keeps its state when it is selected again. */
#include "card-stream.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&operator_card_personality, "operator-doctor");
    static const char switches[] = "transmission t0\nextended off\nreselect keep\n";
    card_stream_put("switches", bytes_of(switches, sizeof switches - 1));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    card_stream_run(bytes_of(data, size));
    return 0;
}

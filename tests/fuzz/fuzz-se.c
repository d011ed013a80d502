/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands to the emulated Secure Element: mock-ca's image, with two keys, a file, PUK and PIN put in first. */
#include "card-stream.h"
#include "fuzz.h"
#include "se-personalisation.h"

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&secure_element_personality, "se-1");
    card_stream_prepare(se_personalisation, SE_PERSONALISATION_LENGTH);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    card_stream_run(bytes_of(data, size));
    return 0;
}

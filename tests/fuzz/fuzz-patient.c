/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands to the emulated patient card, with the image of mock-ca's first patient ($FUZZ_IMAGES/patient-1). */
#include "card-stream.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&patient_card_personality, "patient-1");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    card_stream_run(bytes_of(data, size));
    return 0;
}

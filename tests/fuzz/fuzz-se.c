/* Commands to the emulated Secure Element: mock-ca's image, with two keys, a file, PUK and PIN put in first. */
#include "card-stream.h"
#include "fuzz.h"

#define SELECT "00A404000CF276A288BCFBA69D34F3100100"

static const char *const personalisation[] = {
    SELECT,
    "00224100068001F3840100", "0046420000", /* a key in place 0, which signs */
    "00224100068001F3840102", "0046420000", /* and in place 2, which deciphers */
    "00E00000176F1581020004820101830244018608FF90909090909000", /* update with the PIN, free to read */
    "00D6000004DEADBEEF",
    "002401021030313233343536373839414243444546",
    "0024010106313233343536",
};

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&secure_element_personality, "se-1");
    card_stream_prepare(personalisation, sizeof personalisation / sizeof *personalisation);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    card_stream_run(bytes_of(data, size));
    return 0;
}

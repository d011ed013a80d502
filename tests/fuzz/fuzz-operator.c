/* Commands to the emulated operator card, with the image of mock-ca's doctor: a card that speaks T=0, knows no
 * extended length and keeps its state when it is selected again. */
#include "card-stream.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&operator_card_personality, "operator-doctor");
    card_stream_put("switches", "transmission t0\nextended off\nreselect keep\n");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    card_stream_run(bytes_of(data, size));
    return 0;
}

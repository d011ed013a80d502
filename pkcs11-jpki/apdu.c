#include "myna.h"

#include "base/secret.h"

#include <string.h>

#define SHORT_DATA_MOST 255
#define SHORT_LE_MOST 256

static int case_of(const myna_command *command, bool extended) {
    int form = command->data.length > 0 ? (command->le > 0 ? SC_APDU_CASE_4_SHORT : SC_APDU_CASE_3_SHORT)
                                        : (command->le > 0 ? SC_APDU_CASE_2_SHORT : SC_APDU_CASE_1);
    return extended ? form | SC_APDU_EXT : form;
}

/* A card pulled out in the middle shows up as a failed transmission with some readers. */
static int transmission_error(sc_card_t *card, int code) {
    if (code == SC_ERROR_CARD_RESET || code == SC_ERROR_READER_REATTACHED)
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED; /* the state went with the reset */
    int present = sc_detect_card_presence(card->reader);
    if (present >= 0 && !(present & SC_READER_CARD_PRESENT))
        code = SC_ERROR_CARD_REMOVED;
    myna_of(card)->gone |= code == SC_ERROR_CARD_REMOVED;
    return code;
}

/* OpenSC logs whole APDUs from level 3 on; a PIN, a challenge or an answer may not be in there at any level. */
static int transmit_quietly(sc_card_t *card, sc_apdu_t *apdu, bool secret) {
    int level = card->ctx->debug;
    if (secret)
        card->ctx->debug = 0;
    int code = sc_transmit_apdu(card, apdu);
    card->ctx->debug = level;
    return code < 0 ? transmission_error(card, code) : code;
}

int myna_transmit(sc_card_t *card, const myna_command *command, buffer *answer, status_word *sw) {
    const myna *m = myna_of(card);
    bool long_data = command->data.length > SHORT_DATA_MOST, long_answer = command->le > SHORT_LE_MOST;
    bool extended = m->extended && (long_data || long_answer) && command->data.length <= card->reader->max_send_size;
    if (long_answer && !extended)
        return SC_ERROR_NOT_SUPPORTED;
    sc_apdu_t apdu;
    sc_format_apdu(card, &apdu, case_of(command, extended), command->ins, command->p1, command->p2);
    apdu.cla = command->cla;
    apdu.data = command->data.data;
    apdu.datalen = apdu.lc = command->data.length;
    apdu.le = command->le;
    if (long_data && !extended)
        apdu.flags |= SC_APDU_FLAGS_CHAINING;
    size_t before = answer == NULL ? 0 : answer->length;
    if (command->le > 0) {
        apdu.resp = buffer_extend(answer, command->le);
        apdu.resplen = command->le;
        if (apdu.resp == NULL)
            return SC_ERROR_OUT_OF_MEMORY;
    }
    int code = transmit_quietly(card, &apdu, command->secret);
    if (answer != NULL)
        buffer_truncate(answer, before + (code < 0 ? 0 : apdu.resplen));
    *sw = (status_word)(apdu.sw1 << 8 | apdu.sw2);
    return code < 0 ? code : SC_SUCCESS;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "myna.h"

#include "base/secret.h"

#include <string.h>

#define SHORT_DATA_MAX 255
#define SHORT_LE_MAX 256

/* OpenSC stops at the first part that is refused. 6E00 for it: the card knows no command chaining. */
static bool is_chaining_refused(const sc_apdu_t *apdu, int code) {
    return (apdu->flags & SC_APDU_FLAGS_CHAINING) != 0 && code == SC_ERROR_CLASS_NOT_SUPPORTED;
}

/* Nothing is open any more, and the transaction has ended with the card or is about to. */
static void lost(sc_card_t *card) {
    myna *m = myna_of(card);
    if (!m->hold.held)
        return;
    myna_forget(m);
    m->application = APPLICATION_NONE;
    m->unclean = false;
    myna_let_go(card);
}

/* With some readers, removal of the card during a command shows only as a failed transmission. */
static int transmission_error(sc_card_t *card, int code) {
    if (code == SC_ERROR_CARD_RESET || code == SC_ERROR_READER_REATTACHED) {
        lost(card);
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED; /* the reset has cleared the state */
    }
    /* The query hides an exchange of cards from OpenSC, so it is made only where the answer is unknown. */
    int present = code == SC_ERROR_CARD_REMOVED ? 0 : sc_detect_card_presence(card->reader);
    if (present >= 0 && !(present & SC_READER_CARD_PRESENT))
        code = SC_ERROR_CARD_REMOVED;
    if (code == SC_ERROR_CARD_REMOVED) {
        myna_of(card)->gone = true;
        lost(card);
    }
    return code;
}

int myna_transmit(sc_card_t *card, const myna_command *command, buffer *answer, status_word *sw) {
    const myna *m = myna_of(card);
    bool long_data = command->data.length > SHORT_DATA_MAX, long_answer = command->le > SHORT_LE_MAX;
    bool extended = m->extended && (long_data || long_answer) && command->data.length <= card->reader->max_send_size;
    if (long_answer && !extended)
        return SC_ERROR_NOT_SUPPORTED;
    int form = opensc_command_short_form(command);
    sc_apdu_t apdu;
    opensc_command_fill(card, command, extended ? form | SC_APDU_EXT : form, &apdu);
    if (long_data && !extended)
        apdu.flags |= SC_APDU_FLAGS_CHAINING;
    int code = opensc_command_send(card, command, &apdu, answer);
    *sw = (status_word)(apdu.sw1 << 8 | apdu.sw2);
    if (is_chaining_refused(&apdu, code))
        return SC_ERROR_NOT_SUPPORTED;
    return code < 0 ? transmission_error(card, code) : SC_SUCCESS;
}

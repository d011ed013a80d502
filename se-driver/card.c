/* What the card is to OpenSC: recognised, begun, ended; the table of operations. */
#include "se.h"

#include <stdlib.h>
#include <string.h>

/* Exported by libopensc, but declared only in its internal.h, which needs OpenSC's own config.h. */
extern int _sc_card_add_rsa_alg(sc_card_t *card, unsigned int key_length, unsigned long flags, unsigned long exponent);

#define CARD_TYPE 27801 /* none of OpenSC's: its built-in emulators decide by this number */
#define RSA_EXPONENT 0x10001
#define INS_GET_DATA 0xCA

static const uint8_t identification[] = {'U', 'K', 'E', 'T', 'S', 'U', 'K', 'E', '-', 'S', 'E', ' '};

/* GET DATA 0103: an IsoApplet answers to the same application identifier, but not this. */
static bool is_ours(sc_card_t *card) {
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MOST);
    status_word sw;
    const se_command get = {.ins = INS_GET_DATA, .p1 = 0x01, .p2 = 0x03, .le = SE_SHORT_ANSWER_MOST};
    bool ours = se_transmit(card, &get, &answer, &sw) == SC_SUCCESS && sw == SW_OK &&
                bytes_equal(bytes_slice(buffer_bytes(&answer), 0, sizeof identification), BYTES(identification));
    buffer_wipe(&answer);
    return ours;
}

static int match(sc_card_t *card) {
    if (sc_lock(card) != SC_SUCCESS)
        return 0;
    bool ours = se_select_application(card) == SC_SUCCESS && is_ours(card);
    sc_unlock(card);
    return ours;
}

static int init(sc_card_t *card) {
    se *s = calloc(1, sizeof *s);
    if (s == NULL)
        return SC_ERROR_OUT_OF_MEMORY;
    s->signature_form = SE_NO_FORM;
    card->drv_data = s;
    card->name = "Uketsuke Secure Element";
    card->type = CARD_TYPE;
    card->cla = 0x00;
    card->max_pin_len = SE_PIN_ROOM;
    card->caps |= SC_CARD_CAP_RNG | SC_CARD_CAP_ISO7816_PIN_INFO;
    /* Short readers get chained commands and GET RESPONSE. */
    if (card->reader->max_send_size > SE_SHORT_DATA_MOST && card->reader->max_recv_size > SE_SHORT_ANSWER_MOST &&
        card->reader->active_protocol != SC_PROTO_T0)
        card->caps |= SC_CARD_CAP_APDU_EXT;
    return _sc_card_add_rsa_alg(card, SE_RSA_BITS, se_algorithm_flags(), RSA_EXPONENT);
}

/* The PIN counts until the SE is reset or somebody logs out: other processes may be using it. */
static int finish(sc_card_t *card) {
    free(card->drv_data);
    card->drv_data = NULL;
    return SC_SUCCESS;
}

/* A reset has ended the PIN's state; no PIN is kept here that could be sent again. */
static int lock_obtained(sc_card_t *card, int was_reset) {
    if (was_reset <= 0 || se_of(card) == NULL)
        return SC_SUCCESS;
    se_of(card)->signature_form = SE_NO_FORM;
    return se_select_application(card);
}

const struct sc_card_operations *se_iso(void) {
    return sc_get_iso7816_driver()->ops;
}

struct sc_card_driver *se_driver(void) {
    static struct sc_card_operations operations;
    static struct sc_card_driver driver = {"Uketsuke Secure Element", SE_NAME, &operations, NULL, 0, NULL};
    operations = *se_iso();
    operations.match_card = match;
    operations.init = init;
    operations.finish = finish;
    operations.card_reader_lock_obtained = lock_obtained;
    operations.card_ctl = se_card_control;
    operations.create_file = se_create_file;
    operations.logout = se_logout;
    operations.pin_cmd = se_pin_command;
    operations.set_security_env = se_set_security_env;
    operations.compute_signature = se_compute_signature;
    operations.restore_security_env = NULL;
    operations.read_record = NULL;
    operations.write_record = NULL;
    operations.append_record = NULL;
    operations.update_record = NULL;
    operations.write_binary = NULL;
    return &driver;
}

/* The OpenSC card driver "uketsuke-se": the Secure Element of docs/interfaces/secure-element.md. Files, keys and PIN
 * are described by the card's own ISO/IEC 7816-15 files, which OpenSC binds; this driver adds what the built-in
 * isoApplet driver has not: PSS, tries left, logout, readers of any length. The version is the one whose headers this
 * was built with: OpenSC loads a driver only when it equals its own, because the layout of its structures changes. */
#include "base/bytes.h"
#include "iso7816/status_word.h"

#include <libopensc/cardctl.h>
#include <libopensc/log.h>
#include <libopensc/opensc.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* Exported by libopensc, but declared only in its internal.h, which needs OpenSC's own config.h. */
extern int _sc_card_add_rsa_alg(sc_card_t *card, unsigned int key_length, unsigned long flags, unsigned long exponent);

EXPORT const char *sc_driver_version(void);
EXPORT void *sc_module_init(const char *name);

#define CARD_TYPE 27801 /* none of OpenSC's: its built-in emulators decide by this number */
#define RSA_BITS 2048
#define RSA_EXPONENT 0x10001
#define SHORT_DATA_MOST 255
#define SHORT_ANSWER_MOST 256
#define PIN_REFERENCE 1
#define PIN_LEAST 6
#define PIN_MOST 12
#define PIN_TRIES 5

#define INS_VERIFY 0x20
#define INS_SELECT 0xA4
#define INS_GET_DATA 0xCA
#define INS_MANAGE_SECURITY_ENVIRONMENT 0x22
#define BY_APPLICATION 0x04
#define LOG_OUT 0xFF
#define SET_FOR_COMPUTATION 0x41
#define TEMPLATE_SIGNATURE 0xB6
#define TEMPLATE_CONFIDENTIALITY 0xB8
#define TAG_ALGORITHM 0x80
#define TAG_PRIVATE_KEY 0x84
#define ALGORITHM_PKCS1 0x11

static const uint8_t application[] = {0xF2, 0x76, 0xA2, 0x88, 0xBC, 0xFB, 0xA6, 0x9D, 0x34, 0xF3, 0x10, 0x01};
static const uint8_t identification[] = {'U', 'K', 'E', 'T', 'S', 'U', 'K', 'E', '-', 'S', 'E', ' '};

/* The card's PSS has one form per hash function: MGF1 with the same, a salt as long as the hash. */
static const struct {
    unsigned long mask; /* MGF1 flag */
    uint8_t reference;
    size_t hash_length;
    uint8_t digest_info[19]; /* RFC 8017 9.2 note 1 */
} pss_forms[] = {
    {SC_ALGORITHM_MGF1_SHA256,
     0x12,
     32,
     {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
      0x20}},
    {SC_ALGORITHM_MGF1_SHA384,
     0x13,
     48,
     {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04,
      0x30}},
    {SC_ALGORITHM_MGF1_SHA512,
     0x14,
     64,
     {0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
      0x40}},
};

#define PSS_NONE (-1)

static struct sc_card_operations operations;
static const struct sc_card_operations *iso;

/* What the last set_security_env chose; OpenSC holds the card from there to the operation. One card per process uses it
 * at a time, but each card has its own: the index is kept in drv_data as a number. */
static void keep_pss_form(sc_card_t *card, int form) {
    card->drv_data = (void *)(intptr_t)(form + 2);
}

static int pss_form(const sc_card_t *card) {
    return (int)(intptr_t)card->drv_data - 2;
}

static int exchange(sc_card_t *card, sc_apdu_t *apdu, status_word *sw) {
    int code = sc_transmit_apdu(card, apdu);
    *sw = code == SC_SUCCESS ? (status_word)(apdu->sw1 << 8 | apdu->sw2) : SW_UNKNOWN;
    return code;
}

static int select_application(sc_card_t *card) {
    sc_apdu_t apdu;
    uint8_t answer[SHORT_ANSWER_MOST];
    status_word sw;
    sc_format_apdu(card, &apdu, SC_APDU_CASE_4_SHORT, INS_SELECT, BY_APPLICATION, 0x00);
    apdu.data = application;
    apdu.lc = apdu.datalen = sizeof application;
    apdu.resp = answer;
    apdu.le = apdu.resplen = sizeof answer;
    int code = exchange(card, &apdu, &sw);
    return code == SC_SUCCESS && sw != SW_OK ? SC_ERROR_INVALID_CARD : code;
}

/* GET DATA 0103: an IsoApplet answers to the same application identifier, but not this. */
static bool is_ours(sc_card_t *card) {
    sc_apdu_t apdu;
    uint8_t answer[SHORT_ANSWER_MOST];
    status_word sw;
    sc_format_apdu(card, &apdu, SC_APDU_CASE_2_SHORT, INS_GET_DATA, 0x01, 0x03);
    apdu.resp = answer;
    apdu.le = apdu.resplen = sizeof answer;
    return exchange(card, &apdu, &sw) == SC_SUCCESS && sw == SW_OK && apdu.resplen >= sizeof identification &&
           memcmp(answer, identification, sizeof identification) == 0;
}

static int se_match(sc_card_t *card) {
    if (sc_lock(card) != SC_SUCCESS)
        return 0;
    bool ours = select_application(card) == SC_SUCCESS && is_ours(card);
    sc_unlock(card);
    return ours;
}

static int se_init(sc_card_t *card) {
    card->name = "Uketsuke Secure Element";
    card->type = CARD_TYPE;
    card->cla = 0x00;
    card->max_pin_len = PIN_MOST;
    card->caps |= SC_CARD_CAP_RNG | SC_CARD_CAP_ISO7816_PIN_INFO;
    keep_pss_form(card, PSS_NONE);
    /* Short readers get chained commands and GET RESPONSE. */
    if (card->reader->max_send_size > SHORT_DATA_MOST && card->reader->max_recv_size > SHORT_ANSWER_MOST &&
        card->reader->active_protocol != SC_PROTO_T0)
        card->caps |= SC_CARD_CAP_APDU_EXT;
    unsigned long flags = SC_ALGORITHM_RSA_PAD_PKCS1 | SC_ALGORITHM_RSA_HASH_NONE | SC_ALGORITHM_RSA_PAD_PSS |
                          SC_ALGORITHM_MGF1_SHA256 | SC_ALGORITHM_MGF1_SHA384 | SC_ALGORITHM_MGF1_SHA512;
    return _sc_card_add_rsa_alg(card, RSA_BITS, flags, RSA_EXPONENT);
}

/* The PIN counts until the SE is reset or somebody logs out: other processes may be using it. */
static int se_finish(sc_card_t *card) {
    card->drv_data = NULL;
    return SC_SUCCESS;
}

/* A reset has ended the PIN's state; no PIN is kept here that could be sent again. */
static int se_lock_obtained(sc_card_t *card, int was_reset) {
    if (was_reset <= 0)
        return SC_SUCCESS;
    keep_pss_form(card, PSS_NONE);
    return select_application(card);
}

static int se_logout(sc_card_t *card) {
    sc_apdu_t apdu;
    status_word sw;
    sc_format_apdu(card, &apdu, SC_APDU_CASE_1, INS_VERIFY, LOG_OUT, PIN_REFERENCE);
    int code = exchange(card, &apdu, &sw);
    return code == SC_SUCCESS && sw != SW_OK ? SC_ERROR_CARD_CMD_FAILED : code;
}

/* What can never have been set as a PIN must not cost a try. */
static bool may_be_pin(const struct sc_pin_cmd_pin *pin) {
    for (int i = 0; i < pin->len; i++)
        if (pin->data[i] < '0' || pin->data[i] > '9')
            return false;
    return true;
}

static int check_pin(const struct sc_pin_cmd_pin *pin) {
    if (pin->data == NULL || pin->len < PIN_LEAST || pin->len > PIN_MOST)
        return SC_ERROR_INVALID_PIN_LENGTH;
    return may_be_pin(pin) ? SC_SUCCESS : SC_ERROR_KEYPAD_PIN_MISMATCH; /* CKR_PIN_INVALID */
}

static int se_pin_command(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left) {
    int code = SC_SUCCESS;
    if (data->cmd == SC_PIN_CMD_VERIFY || data->cmd == SC_PIN_CMD_CHANGE)
        code = check_pin(&data->pin1);
    if (code == SC_SUCCESS && (data->cmd == SC_PIN_CMD_CHANGE || data->cmd == SC_PIN_CMD_UNBLOCK))
        code = check_pin(&data->pin2);
    if (code != SC_SUCCESS)
        return code;
    code = iso->pin_cmd(card, data, tries_left);
    if (data->cmd == SC_PIN_CMD_GET_INFO) {
        data->pin1.max_tries = PIN_TRIES;
        if (code == SC_SUCCESS && data->pin1.logged_in == SC_PIN_STATE_LOGGED_IN)
            data->pin1.tries_left = PIN_TRIES;
    }
    return code;
}

static int find_algorithm(sc_card_t *card, const sc_security_env_t *environment, uint8_t *reference) {
    unsigned long flags = environment->algorithm_flags;
    keep_pss_form(card, PSS_NONE);
    *reference = ALGORITHM_PKCS1;
    if (environment->operation == SC_SEC_OPERATION_DECIPHER)
        return flags & SC_ALGORITHM_RSA_PAD_PKCS1 ? SC_SUCCESS : SC_ERROR_NOT_SUPPORTED;
    if (!(flags & SC_ALGORITHM_RSA_PAD_PSS))
        return flags & SC_ALGORITHM_RSA_PAD_PKCS1 ? SC_SUCCESS : SC_ERROR_NOT_SUPPORTED;
    for (int i = 0; i < (int)(sizeof pss_forms / sizeof *pss_forms); i++) {
        if ((flags & SC_ALGORITHM_MGF1_HASHES) != pss_forms[i].mask)
            continue;
        *reference = pss_forms[i].reference;
        keep_pss_form(card, i);
        return SC_SUCCESS;
    }
    return SC_ERROR_NOT_SUPPORTED;
}

static int se_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number) {
    (void)number;
    sc_apdu_t apdu;
    status_word sw;
    uint8_t data[] = {TAG_ALGORITHM, 1, 0, TAG_PRIVATE_KEY, 1, 0};
    bool signs = environment->operation == SC_SEC_OPERATION_SIGN;
    if ((!signs && environment->operation != SC_SEC_OPERATION_DECIPHER) || environment->algorithm != SC_ALGORITHM_RSA ||
        !(environment->flags & SC_SEC_ENV_KEY_REF_PRESENT) || environment->key_ref_len != 1)
        return SC_ERROR_NOT_SUPPORTED;
    int code = find_algorithm(card, environment, &data[2]);
    if (code != SC_SUCCESS)
        return code;
    data[5] = environment->key_ref[0];
    sc_format_apdu(card, &apdu, SC_APDU_CASE_3_SHORT, INS_MANAGE_SECURITY_ENVIRONMENT, SET_FOR_COMPUTATION,
                   signs ? TEMPLATE_SIGNATURE : TEMPLATE_CONFIDENTIALITY);
    apdu.data = data;
    apdu.lc = apdu.datalen = sizeof data;
    code = exchange(card, &apdu, &sw);
    return code == SC_SUCCESS ? sc_check_sw(card, apdu.sw1, apdu.sw2) : code;
}

/* For CKM_SHAxxx_RSA_PKCS_PSS OpenSC 0.23 puts a DigestInfo round the hash, which PSS has not. */
static bytes hash_of(int form, bytes data) {
    size_t prefix = sizeof pss_forms[form].digest_info;
    if (data.length == prefix + pss_forms[form].hash_length &&
        memcmp(data.data, pss_forms[form].digest_info, prefix) == 0)
        return bytes_slice(data, prefix, pss_forms[form].hash_length);
    return data;
}

static int se_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    bytes input = bytes_of(data, length);
    int form = pss_form(card);
    if (form >= 0) {
        input = hash_of(form, input);
        if (input.length != pss_forms[form].hash_length)
            return SC_ERROR_NOT_SUPPORTED; /* hash and MGF1 with different functions */
    }
    if (room < RSA_BITS / 8)
        return SC_ERROR_BUFFER_TOO_SMALL;
    return iso->compute_signature(card, input.data, input.length, out, RSA_BITS / 8);
}

static struct sc_card_driver driver = {"Uketsuke Secure Element", "uketsuke-se", &operations, NULL, 0, NULL};

static struct sc_card_driver *se_driver(void) {
    iso = sc_get_iso7816_driver()->ops;
    operations = *iso;
    operations.match_card = se_match;
    operations.init = se_init;
    operations.finish = se_finish;
    operations.card_reader_lock_obtained = se_lock_obtained;
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

const char *sc_driver_version(void) {
    return OPENSC_VERSION;
}

/* Returns the function that gives the driver (libopensc/ctx.c). */
void *sc_module_init(const char *name) {
    (void)name;
    return (void *)se_driver;
}

/* Signatures and deciphering: MANAGE SECURITY ENVIRONMENT, then PERFORM SECURITY OPERATION (ISO/IEC 7816-8 10). The SE
 * pads; the hash value comes from outside. For PKCS #1 v1.5 it wants a DigestInfo, which is put round the hash here, so
 * that the token offers no hash functions but those of the contract. */
#include "se.h"

#include <string.h>

#define INS_MANAGE_SECURITY_ENVIRONMENT 0x22
#define SET_FOR_COMPUTATION 0x41
#define TEMPLATE_SIGNATURE 0xB6
#define TEMPLATE_CONFIDENTIALITY 0xB8
#define TAG_ALGORITHM 0x80
#define TAG_PRIVATE_KEY 0x84
#define ALGORITHM_PKCS1 0x11
#define PREFIX_LENGTH 19
#define HASH_MOST 64

/* One form per hash function: PSS with MGF1 of the same, a salt as long as the hash; the DigestInfo that comes before
 * the hash in PKCS #1 v1.5 (RFC 8017 9.2 note 1). */
static const struct {
    unsigned long hash, mask_generation; /* OpenSC's flags */
    uint8_t pss;                         /* the SE's algorithm */
    size_t length;
    uint8_t prefix[PREFIX_LENGTH];
} forms[] = {
    {SC_ALGORITHM_RSA_HASH_SHA256,
     SC_ALGORITHM_MGF1_SHA256,
     0x12,
     32,
     {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
      0x20}},
    {SC_ALGORITHM_RSA_HASH_SHA384,
     SC_ALGORITHM_MGF1_SHA384,
     0x13,
     48,
     {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04,
      0x30}},
    {SC_ALGORITHM_RSA_HASH_SHA512,
     SC_ALGORITHM_MGF1_SHA512,
     0x14,
     64,
     {0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
      0x40}},
};

#define FORMS ((int)(sizeof forms / sizeof *forms))

unsigned long se_algorithm_flags(void) {
    unsigned long flags = SC_ALGORITHM_RSA_PAD_PKCS1 | SC_ALGORITHM_RSA_PAD_PSS | SC_ALGORITHM_RSA_HASH_NONE |
                          SC_ALGORITHM_ONBOARD_KEY_GEN;
    for (int i = 0; i < FORMS; i++)
        flags |= forms[i].hash | forms[i].mask_generation;
    return flags;
}

/* With PSS the hash may have been made outside (HASH_NONE): then the length tells later. */
static int find_pss_form(unsigned long flags) {
    unsigned long hash = flags & SC_ALGORITHM_RSA_HASHES & ~SC_ALGORITHM_RSA_HASH_NONE;
    for (int i = 0; i < FORMS; i++)
        if ((flags & SC_ALGORITHM_MGF1_HASHES) == forms[i].mask_generation && (hash == 0 || hash == forms[i].hash))
            return i;
    return SE_NO_FORM;
}

static int find_digest_info(unsigned long flags) {
    for (int i = 0; i < FORMS; i++)
        if (flags & forms[i].hash)
            return i;
    return SE_NO_FORM;
}

static int choose_form(se *s, const sc_security_env_t *environment, uint8_t *algorithm) {
    unsigned long flags = environment->algorithm_flags;
    *algorithm = ALGORITHM_PKCS1;
    s->signature_form = SE_NO_FORM;
    s->signs_pss = environment->operation == SC_SEC_OPERATION_SIGN && flags & SC_ALGORITHM_RSA_PAD_PSS;
    if (s->signs_pss) {
        s->signature_form = find_pss_form(flags);
        if (s->signature_form == SE_NO_FORM)
            return SC_ERROR_NOT_SUPPORTED;
        *algorithm = forms[s->signature_form].pss;
        return SC_SUCCESS;
    }
    if (!(flags & SC_ALGORITHM_RSA_PAD_PKCS1))
        return SC_ERROR_NOT_SUPPORTED;
    s->signature_form = find_digest_info(flags);
    return SC_SUCCESS;
}

int se_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number) {
    (void)number;
    uint8_t data[] = {TAG_ALGORITHM, 1, 0, TAG_PRIVATE_KEY, 1, 0};
    bool signs = environment->operation == SC_SEC_OPERATION_SIGN;
    if ((!signs && environment->operation != SC_SEC_OPERATION_DECIPHER) || environment->algorithm != SC_ALGORITHM_RSA ||
        !(environment->flags & SC_SEC_ENV_KEY_REF_PRESENT) || environment->key_ref_len != 1)
        return SC_ERROR_NOT_SUPPORTED;
    int code = choose_form(se_of(card), environment, &data[2]);
    if (code != SC_SUCCESS)
        return code;
    data[5] = environment->key_ref[0];
    const se_command set = {.ins = INS_MANAGE_SECURITY_ENVIRONMENT,
                            .p1 = SET_FOR_COMPUTATION,
                            .p2 = signs ? TEMPLATE_SIGNATURE : TEMPLATE_CONFIDENTIALITY,
                            .data = BYTES(data)};
    return se_send(card, &set);
}

int se_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    int form = se_of(card)->signature_form;
    uint8_t digest_info[PREFIX_LENGTH + HASH_MOST];
    if (room < SE_RSA_LENGTH)
        return SC_ERROR_BUFFER_TOO_SMALL;
    if (form != SE_NO_FORM && length != forms[form].length)
        return SC_ERROR_NOT_SUPPORTED; /* hash and MGF1 with different functions */
    if (form != SE_NO_FORM && !se_of(card)->signs_pss) {
        memcpy(digest_info, forms[form].prefix, PREFIX_LENGTH);
        memcpy(digest_info + PREFIX_LENGTH, data, length);
        data = digest_info;
        length += PREFIX_LENGTH;
    }
    return se_iso()->compute_signature(card, data, length, out, SE_RSA_LENGTH);
}

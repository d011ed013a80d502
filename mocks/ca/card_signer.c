#include "card_signer.h"

#include "base/file.h"
#include "cvc_issue.h"
#include "iso7816/tlv.h"
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#define NAME "card-data"
#define ROOT_DIGITS "5990020"
#define SIGNER_DIGITS "5999001"
#define SIGNED_MOST 32768

static result read_certificate(const office *o, card_signer *signer) {
    cvc certificate;
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    char *path = file_join(o->secrets, NAME ".cvc");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &raw);
    if (r == RESULT_OK)
        r = cvc_parse(buffer_bytes(&raw), &certificate);
    if (r == RESULT_OK) {
        memcpy(signer->certificate, raw.data, CVC_LENGTH);
        memcpy(signer->reference, certificate.holder_reference, CVC_REFERENCE_LENGTH);
    }
    buffer_wipe(&raw);
    free(path);
    return r;
}

result card_signer_open(office *o, card_signer *signer) {
    *signer = (card_signer){0};
    result r = keys_read(o->secrets, NAME ".key", &signer->key);
    if (r == RESULT_NOT_FOUND) {
        r = cvc_issue_pair(o, NAME, ROOT_DIGITS, SIGNER_DIGITS);
        if (r == RESULT_OK)
            r = keys_read(o->secrets, NAME ".key", &signer->key);
    }
    return r == RESULT_OK ? read_certificate(o, signer) : r;
}

void card_signer_close(card_signer *signer) {
    EVP_PKEY_free(signer->key);
    *signer = (card_signer){0};
}

result card_signer_sign(const card_signer *signer, bytes data, uint8_t signature[256]) {
    return keys_sign(signer->key, data, signature);
}

result card_signer_put_signed(const card_signer *signer, uint32_t tag, bytes value, uint32_t signature_tag,
                              buffer *out) {
    uint8_t signature[256];
    buffer all = BUFFER_INIT(SIGNED_MOST);
    result r = card_signer_sign(signer, value, signature);
    if (r == RESULT_OK)
        r = buffer_append(&all, value);
    if (r == RESULT_OK)
        r = tlv_append(&all, signature_tag, BYTES(signature));
    if (r == RESULT_OK)
        r = tlv_append(out, tag, buffer_bytes(&all));
    buffer_wipe(&all);
    return r;
}

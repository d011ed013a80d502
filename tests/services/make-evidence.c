/* Makes evidence from key files instead of cards, for tests of the services.
 *
 *   make-evidence PKI CARD OUT [NAME=VALUE...]
 *
 * PKI: what mock-ca wrote; CARD: a patient's image below PKI/cards or PKI/extra/cards. Prints the evidence id. Names: id,
 * mode (offline, online), institution, terminal, date, time (RFC 3339), challenge, session, nonce, holder (CHR), signature
 * (base64; by default the institution key of se-1 makes it), damage=signature (one byte of it is flipped). */
#include "base/file.h"
#include "base/hex.h"
#include "crypt/base64.h"
#include "evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(call)                                                                                                        \
    do {                                                                                                                   \
        result code_ = (call);                                                                                             \
        if (code_ != RESULT_OK) {                                                                                          \
            fprintf(stderr, "%s: %s\n", #call, result_text(code_));                                                        \
            exit(1);                                                                                                       \
        }                                                                                                                  \
    } while (0)

static const char *value_of(char **pairs, const char *name, const char *otherwise) {
    size_t length = strlen(name);
    for (; *pairs; pairs++)
        if (strncmp(*pairs, name, length) == 0 && (*pairs)[length] == '=')
            return *pairs + length + 1;
    return otherwise;
}

static char *path_of(const char *folder, const char *name) {
    char *path = file_join(folder, name);
    if (!path)
        exit(1);
    return path;
}

#define COPY(field, text) snprintf(field, sizeof field, "%s", text)

static void decode_hex(const char *text, uint8_t *out, size_t length) {
    buffer raw = BUFFER_INIT(length);
    CHECK(hex_decode(text, &raw));
    if (raw.length != length)
        exit(1);
    memcpy(out, raw.data, length);
    buffer_wipe(&raw);
}

static void read_holder(const char *pki, uint8_t holder[CVC_REFERENCE_LENGTH]) {
    buffer chain = BUFFER_INIT(16 * CVC_LENGTH);
    CHECK(file_read(path_of(pki, "se-1/institution.cvc"), &chain));
    bytes rest = buffer_bytes(&chain), raw;
    cvc one;
    while (cvc_chain_next(&rest, &one, &raw) == RESULT_OK)
        memcpy(holder, one.holder_reference, CVC_REFERENCE_LENGTH);
    buffer_wipe(&chain);
}

static void sign_challenge(cms_key *key, statement *s) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    CHECK(cms_key_sign(key, BYTES(message), &signature));
    memcpy(s->institution_signature, signature.data, sizeof s->institution_signature);
    buffer_wipe(&signature);
}

static void fill(statement *s, const char *card, const certificate *patient, char **pairs) {
    char now[CLOCK_TEXT_SIZE], today[CLOCK_DATE_SIZE];
    buffer id = BUFFER_INIT(64);
    clock_text(clock_wall_s(), now);
    clock_date_in_japan(clock_wall_s(), today);
    CHECK(uuid_v7(s->evidence_id));
    COPY(s->evidence_id, value_of(pairs, "id", strdup(s->evidence_id)));
    s->mode = strcmp(value_of(pairs, "mode", "offline"), "online") == 0 ? STATEMENT_ONLINE : STATEMENT_OFFLINE;
    COPY(s->institution_code, value_of(pairs, "institution", "1312345678"));
    COPY(s->terminal_id, value_of(pairs, "terminal", "T-01"));
    COPY(s->operator_id, "OP-1");
    COPY(s->service_date, value_of(pairs, "date", today));
    COPY(s->terminal_time, value_of(pairs, "time", now));
    s->clock_synchronised = true;
    CHECK(file_read(path_of(card, "card-id"), &id));
    memcpy(s->card_id, id.data, INSTITUTION_CARD_ID_LENGTH);
    decode_hex(value_of(pairs, "challenge", "00112233445566778899AABBCCDDEEFF"), s->challenge, sizeof s->challenge);
    COPY(s->patient_issuer, certificate_issuer(patient));
    COPY(s->patient_serial, certificate_serial(patient));
    s->grade = s->mode == STATEMENT_ONLINE ? STATEMENT_PENDING : STATEMENT_PROVISIONAL_C;
    if (s->mode == STATEMENT_ONLINE) {
        COPY(s->session, value_of(pairs, "session", ""));
        decode_hex(value_of(pairs, "nonce", ""), s->nonce, sizeof s->nonce);
    } else {
        COPY(s->se_serial, "SE-1");
        s->se_counter = 7;
    }
}

int main(int argc, char **argv) {
    static statement s;
    if (argc < 4)
        return 2;
    const char *pki = argv[1], *card = argv[2];
    char **pairs = argv + 4;
    certificate *patient, *institution;
    cms_key *patient_key, *institution_key;
    CHECK(certificate_from_file(path_of(card, "ef/000A"), &patient));
    CHECK(cms_key_from_file(path_of(card, "key/auth.pem"), &patient_key));
    CHECK(certificate_from_file(path_of(pki, "se-1/institution.pem"), &institution));
    CHECK(cms_key_from_file(path_of(pki, "se-1/institution.key"), &institution_key));
    fill(&s, card, patient, pairs);
    const char *holder = value_of(pairs, "holder", NULL), *signature = value_of(pairs, "signature", NULL);
    if (holder)
        decode_hex(holder, s.holder_reference, sizeof s.holder_reference);
    else
        read_holder(pki, s.holder_reference);
    sign_challenge(institution_key, &s);
    if (signature) {
        buffer raw = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
        CHECK(crypt_base64_decode(bytes_of(signature, strlen(signature)), &raw));
        memcpy(s.institution_signature, raw.data, raw.length);
        buffer_wipe(&raw);
    }
    if (strcmp(value_of(pairs, "damage", ""), "signature") == 0)
        s.institution_signature[100] ^= 1;
    const cms_signer signers[] = {cms_key_signer(patient_key, patient), cms_key_signer(institution_key, institution)};
    buffer der = BUFFER_INIT(EVIDENCE_MOST);
    CHECK(evidence_create(&s, &signers[0], s.mode == STATEMENT_OFFLINE ? &signers[1] : NULL, &der));
    CHECK(file_replace(argv[3], buffer_bytes(&der), 0600));
    printf("%s %s#%s %s\n", s.evidence_id, s.patient_issuer, s.patient_serial, s.service_date);
    buffer_wipe(&der);
    return 0;
}

#include "evidence_maker.h"

#include "base/file.h"

#include <string.h>

#define COPY(field, text) snprintf(field, sizeof field, "%s", text)

char *path_of(const char *folder, const char *name) {
    char *path = file_join(folder, name);
    if (!path)
        exit(1);
    return path;
}

static void read_card_id(const char *folder, char id[INSTITUTION_CARD_ID_LENGTH + 1]) {
    buffer raw = BUFFER_INIT(64);
    CHECK(file_read(path_of(folder, "card-id"), &raw));
    memcpy(id, raw.data, INSTITUTION_CARD_ID_LENGTH);
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

void evidence_maker_open(const char *pki, const char *card, evidence_maker *out) {
    memset(out, 0, sizeof *out);
    CHECK(certificate_from_file(path_of(card, "ef/000A"), &out->patient));
    CHECK(cms_key_from_file(path_of(card, "key/auth.pem"), &out->patient_key));
    CHECK(certificate_from_file(path_of(pki, "se-1/institution.pem"), &out->institution));
    CHECK(cms_key_from_file(path_of(pki, "se-1/institution.key"), &out->institution_key));
    read_card_id(card, out->card_id);
    read_card_id(path_of(pki, "cards/se-1"), out->se_serial);
    read_holder(pki, out->holder);
    COPY(out->institution_code, "1312345678");
    COPY(out->terminal_id, "T-01");
}

void evidence_maker_fill(const evidence_maker *m, statement *s) {
    memset(s, 0, sizeof *s);
    s->mode = STATEMENT_OFFLINE;
    s->grade = STATEMENT_PROVISIONAL_C;
    s->clock_synchronised = true;
    s->se_counter = 7;
    CHECK(uuid_v7(s->evidence_id));
    COPY(s->institution_code, m->institution_code);
    COPY(s->terminal_id, m->terminal_id);
    COPY(s->operator_id, "OP-1");
    COPY(s->se_serial, m->se_serial);
    COPY(s->card_id, m->card_id);
    COPY(s->patient_issuer, certificate_issuer(m->patient));
    COPY(s->patient_serial, certificate_serial(m->patient));
    clock_text(clock_wall_s(), s->terminal_time);
    clock_date_in_japan(clock_wall_s(), s->service_date);
    memcpy(s->holder_reference, m->holder, sizeof s->holder_reference);
}

void evidence_maker_sign_challenge(const evidence_maker *m, statement *s) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    CHECK(cms_key_sign(m->institution_key, BYTES(message), &signature));
    memcpy(s->institution_signature, signature.data, sizeof s->institution_signature);
    buffer_wipe(&signature);
}

void evidence_maker_create(const evidence_maker *m, const statement *s, buffer *der) {
    const cms_signer patient = cms_key_signer(m->patient_key, m->patient);
    const cms_signer institution = cms_key_signer(m->institution_key, m->institution);
    CHECK(evidence_create(s, &patient, s->mode == STATEMENT_OFFLINE ? &institution : NULL, der));
}

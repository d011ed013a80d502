/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/fhir: round trips, and hostile messages refused with the place at fault. */
#include "fhir/eligibility_internal.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir/visit.h"
#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 65536

static void hostile_requests_name_the_place(void **state) {
    (void)state;
    eligibility_request r = fhir_example_request(), again;
    buffer good = BUFFER_INIT(ROOM), changed = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_request_write(&r, &good), RESULT_OK);
    assert_int_equal(eligibility_request_read(buffer_bytes(&good), &again, NULL), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&r.evidence), buffer_bytes(&again.evidence)));
    assert_string_equal(again.patient_serial, r.patient_serial);
    eligibility_request_wipe(&again);
    static const edit edits[] = {
        {"\"active\"", "\"active\",\"status\":\"active\"", "duplicate"},
        {"\"active\"", "1", "status"},
        {"\"servicedDate\":\"2026-11-24\"", "\"servicedDate\":\"2026-02-30\"", "servicedDate"},
        {"\"created\":\"2026", "\"created\":\"\\n026", "created"},
        {"\"created\":\"2026", "\"created\":\"\\u00002026", "not JSON"},
        {"\"created\":\"2026", "\"created\":\"\xff\xfe", "not JSON"},
        {"\"created\":\"2026", "\"created\":\"20262026202620262026", "created"},
        {ID, "0195C0AE-0000-7000-8000-000000000001", "identifier.0.value"},
        {"\"ZXZpZGVuY2U=\"", "\"ZXZpZGVuY2U\"", "valueBase64Binary"},
        {"\"ZXZpZGVuY2U=\"", "\"\"", "valueBase64Binary"},
        {"\"urn:uketsuke:evidence\"", "\"urn:other\"", "extension"},
        {"\"patient\":{\"identifier\":{", "\"patient\":{\"identifiers\":{", "patient.identifier"},
        {"\"provider\":{", "\"provider\":7,\"other\":{", "provider.identifier"},
        {"\"identifier\":[", "\"identifier\":{\"0\":[", "not JSON"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        fhir_example_edit(&good, &edits[i], &changed);
        assert_int_equal(eligibility_request_read(buffer_bytes(&changed), &again, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
        eligibility_request_wipe(&again);
    }
    buffer_wipe(&good);
    buffer_wipe(&changed);
    eligibility_request_wipe(&r);
}

/* An array is no object and an object no array, whatever their members are called. */
static void paths_keep_types_apart(void **state) {
    (void)state;
    fhir_problem problem = {{0}};
    json_t *root = fhir_parse(bytes_of("{\"a\":[{\"b\":\"x\"}],\"o\":{\"0\":\"y\"}}", 31), &problem);
    assert_non_null(root);
    assert_non_null(fhir_at(root, "a.0.b"));
    assert_null(fhir_at(root, "a.b"));
    assert_null(fhir_at(root, "a.x.b"));
    assert_null(fhir_at(root, "a.1.b"));
    assert_null(fhir_at(root, "o.0"));
    json_decref(root);
}

static void deep_and_odd_texts_are_no_messages(void **state) {
    (void)state;
    buffer deep = BUFFER_INIT(ROOM);
    memset(buffer_extend(&deep, 20000), '[', 20000);
    assert_null(fhir_parse(buffer_bytes(&deep), NULL));
    assert_null(fhir_parse(bytes_of("[]", 2), NULL));
    assert_null(fhir_parse(bytes_of("", 0), NULL));
    assert_null(fhir_parse(bytes_of("{}x", 3), NULL));
    assert_null(fhir_parse(bytes_of("{\"a\":1e999}", 11), NULL));
    buffer_wipe(&deep);
}

static void responses_round_trip(void **state) {
    (void)state;
    eligibility_response r = fhir_example_response(), again;
    buffer good = BUFFER_INIT(ROOM), second = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(&r, &good), RESULT_OK);
    assert_int_equal(eligibility_response_read(buffer_bytes(&good), &again, NULL), RESULT_OK);
    assert_int_equal(eligibility_response_write(&again, &second), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&good), buffer_bytes(&second)));
    assert_string_equal(again.coverages[0].insurer_name, "健康保険組合");
    assert_int_equal(again.coverages[0].burden_permille, 300);
    static const edit edits[] = {
        {"\"valueCode\":\"1\"", "\"valueCode\":\"6\"", "validity"},
        {"\"valueDecimal\":0.3", "\"valueDecimal\":1.3", "burden"},
        {"\"created\":\"2026-11-24T", "\"created\":\"2026-11-24 ", "created"},
        {"\"start\":\"2026-04-01\"", "\"start\":\"2026-04-31\"", "period"},
        {"\"insurance\":[{", "\"insurance\":[{},{", "insurance"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        fhir_example_edit(&good, &edits[i], &second);
        assert_int_equal(eligibility_response_read(buffer_bytes(&second), &again, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
    }
    buffer_clear(&second);
    strcpy(r.coverages[0].insurer_name, "\xff"); /* not UTF-8: no answer rather than one without its coverage */
    assert_int_equal(eligibility_response_write(&r, &second), RESULT_INVALID);
    buffer_wipe(&good);
    buffer_wipe(&second);
}

static eligibility_person somebody(unsigned set) {
    eligibility_person p = {"見本　花子", "", "1985-04-12", SEX_FEMALE, "", ""};
    strcpy(p.kana, set & 4 ? "ミホン　ハナコ" : "");
    strcpy(p.address, set & 8 ? "例示県\"見本市\\" : "");
    strcpy(p.postal_code, (set & 24) == 24 ? "000-0001" : "");
    p.sex = (eligibility_sex)(set & 3);
    return p;
}

/* Written without a tree: the same bytes as through one, whatever is there and whatever is missing. */
static void responses_are_canonical(void **state) {
    (void)state;
    buffer text = BUFFER_INIT(ROOM), again = BUFFER_INIT(ROOM);
    for (unsigned set = 0; set < 256; set++) {
        eligibility_response r = fhir_example_response();
        eligibility_coverage *c = &r.coverages[0];
        r.coverage_count = set & 1 ? 1 : set & 2 ? 2 : 0;
        r.coverages[1] = *c;
        strcpy(c->symbol, set & 4 ? "記\"号\\" : "");
        strcpy(c->branch, set & 8 ? "01" : "");
        strcpy(c->to, set & 16 ? "2027-03-31" : "");
        strcpy(c->limit_category, set & 32 ? "ウ" : "");
        if (set & 64)
            r.person = somebody(set);
        r.public_expense_count = set & 128 ? 1 + (set & 1) : 0;
        r.public_expenses[0] = (eligibility_public_expense){"81990017",   "1234567",    "医療費助成",
                                                            "2019-08-08", "2026-11-24", true};
        r.public_expenses[1] = (eligibility_public_expense){"12990017", "", "生活\"保護", "2019-08-08", "", false};
        strcpy(c->loss_reason, set & 32 ? "employment-ended" : "");
        c->elderly = c->family = set & 128;
        strcpy(r.link_id, set & 4 ? "L" : "");
        strcpy(r.clock_warning, set & 8 ? "clock-off" : "");
        strcpy(r.service_date, set & 16 ? "2026-11-24" : "");
        r.salt_count = 0;
        if (set & 64)
            assert_int_equal(answer_salt(&r), RESULT_OK);
        buffer_clear(&text);
        buffer_clear(&again);
        assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
        assert_int_equal(fhir_dump_and_free(fhir_parse(buffer_bytes(&text), NULL), &again), RESULT_OK);
        assert_string_equal(buffer_text(&text), buffer_text(&again));
        eligibility_response read, slowly;
        canonical_reader reader = {buffer_bytes(&text)};
        memset(&read, 0, sizeof read);
        memset(&slowly, 0, sizeof slowly);
        assert_true(eligibility_canonical_answer(&reader, &read, NULL));
        buffer_append_u8(&text, ' ');
        assert_int_equal(eligibility_response_read(buffer_bytes(&text), &slowly, NULL), RESULT_OK);
        assert_memory_equal(&read, &slowly, sizeof read);
    }
    buffer_wipe(&text);
    buffer_wipe(&again);
}

static void visit_records_belong_together(void **state) {
    (void)state;
    visit_record r = fhir_example_record(), again;
    buffer good = BUFFER_INIT(2 * ROOM), changed = BUFFER_INIT(2 * ROOM);
    buffer encounter = BUFFER_INIT(FHIR_ENCOUNTER_MAX), signed_text = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    assert_int_equal(visit_record_write(&r, &good), RESULT_OK);
    assert_int_equal(visit_encounter_write(&r.encounter, &signed_text), RESULT_OK);
    assert_int_equal(visit_record_read(buffer_bytes(&good), &again, &encounter, NULL), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&encounter), buffer_bytes(&signed_text)));
    assert_memory_equal(&again.encounter, &r.encounter, sizeof r.encounter);
    visit_record_wipe(&again);
    static const edit edits[] = {
        {"\"ifNoneExist\":\"identifier=", "\"ifNoneExist\":\"name=", "ifNoneExist"},
        {"\"reference\":\"urn:uuid:0", "\"reference\":\"urn:uuid:1", "target"},
        {"\"end\":\"2026-11-24T00:12", "\"end\":\"2026-11-23T00:12", "period"},
        {"\"end\":\"2026-11-24T00:12:11Z", "\"end\":\"2026-11-24T00:02:10Z", "period"}, /* a second too early */
        {"\"contentType\":\"application/pkcs7-mime\"", "\"contentType\":\"text/html\"", "contentType"},
        {"\"class\":{", "\"class\":[],\"other\":{", "class"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        fhir_example_edit(&good, &edits[i], &changed);
        buffer_clear(&encounter);
        assert_int_equal(visit_record_read(buffer_bytes(&changed), &again, &encounter, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
        visit_record_wipe(&again);
    }
    visit_record_wipe(&r);
    buffer_wipe(&good);
    buffer_wipe(&changed);
    buffer_wipe(&encounter);
    buffer_wipe(&signed_text);
}

/* The signed form of the example, or all of it, as a proof. */
static void example_proof(bool in_full, buffer *proof) {
    eligibility_response r = fhir_example_response();
    buffer full = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM);
    assert_int_equal(answer_salt(&r), RESULT_OK);
    assert_int_equal(eligibility_response_write(&r, &full), RESULT_OK);
    assert_int_equal(signed_answer_of(buffer_bytes(&full), &form, NULL), RESULT_OK);
    assert_int_equal(answer_proof_write_alone(buffer_bytes(in_full ? &full : &form), bytes_of("signature", 9), proof),
                     RESULT_OK);
    buffer_wipe(&full);
    buffer_wipe(&form);
}

/* Signed before the platform answered: without its word. Or of the version before: with the whole answer, which names
 * the patient. */
static void records_get_the_proof_of_today(void **state) {
    visit_record again, records[] = {fhir_example_record(), fhir_example_record(), fhir_example_record()};
    buffer whole[3], encounter = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    fhir_problem problem = {{0}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        buffer_clear(&records[i].proof);
        if (i > 0)
            example_proof(i == 1, &records[i].proof);
        whole[i] = BUFFER_INIT(2 * ROOM);
        assert_int_equal(visit_record_write(&records[i], &whole[i]), RESULT_OK);
        assert_int_equal(visit_record_is_proven(buffer_bytes(&whole[i])), i == 2);
    }
    assert_int_equal(visit_record_read(buffer_bytes(&whole[0]), &again, &encounter, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "earlier terminal version"));
    visit_record_wipe(&again);
    assert_int_equal(visit_record_prove(&whole[2], buffer_bytes(&records[1].proof)), RESULT_EXISTS);
    assert_int_equal(visit_record_prove(&whole[1], bytes_of(NULL, 0)), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&whole[1]), buffer_bytes(&whole[0])));
    assert_int_equal(visit_record_prove(&whole[0], buffer_bytes(&records[2].proof)), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&whole[0]), buffer_bytes(&whole[2])));
    buffer none = BUFFER_INIT(64);
    buffer_append_text(&none, "{\"entry\":[]}");
    assert_int_equal(visit_record_prove(&none, buffer_bytes(&records[2].proof)), RESULT_INVALID);
    buffer_wipe(&none);
    for (size_t i = 0; i < 3; i++) {
        visit_record_wipe(&records[i]);
        buffer_wipe(&whole[i]);
    }
    buffer_wipe(&encounter);
}

static void receipts_have_their_forms(void **state) {
    (void)state;
    visit_receipt r = {ID, ID, "0123", "", TIME}, again;
    buffer good = BUFFER_INIT(ROOM), changed = BUFFER_INIT(ROOM);
    memset(r.content_hash, 'A', sizeof r.content_hash - 1);
    assert_int_equal(visit_receipt_write(&r, &good), RESULT_OK);
    assert_int_equal(visit_receipt_read(buffer_bytes(&good), &again, NULL), RESULT_OK);
    assert_memory_equal(&again, &r, sizeof r);
    static const edit edits[] = {
        {"\"receiptId\":\"0", "\"receiptId\":\"x", "receiptId"},
        {"\"visitId\":\"0", "\"visitId\":\"x", "visitId"},
        {"AAAA", "AAA", "contentHash"},
        {"\"registeredAt\":\"2", "\"registeredAt\":\"x", "registeredAt"},
        {"\"registered\"", "\"received\"", "state"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        fhir_example_edit(&good, &edits[i], &changed);
        assert_int_equal(visit_receipt_read(buffer_bytes(&changed), &again, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
    }
    buffer_wipe(&good);
    buffer_wipe(&changed);
}

static void institution_exchange_is_strict(void **state) {
    (void)state;
    institution_request q = {"CARD-ID-00000001", "00112233445566778899AABBCCDDEEFF", "1312345678", "T-01"}, q2;
    institution_answer a = {.session = ID, .holder_reference = "00112233445566778899AABBCCDDEEFF", .expires = TIME}, a2;
    buffer text = BUFFER_INIT(ROOM), changed = BUFFER_INIT(ROOM);
    memset(a.nonce, '0', sizeof a.nonce - 1);
    memset(a.signature, 0x5A, sizeof a.signature);
    assert_int_equal(institution_answer_write(&a, &text), RESULT_OK);
    assert_int_equal(institution_answer_read(buffer_bytes(&text), &a2, NULL), RESULT_OK);
    assert_memory_equal(&a, &a2, sizeof a);
    buffer_clear(&text);
    assert_int_equal(institution_request_write(&q, &text), RESULT_OK);
    assert_int_equal(institution_request_read(buffer_bytes(&text), &q2, NULL), RESULT_OK);
    assert_memory_equal(&q, &q2, sizeof q);
    static const edit edits[] = {{"CARD-ID-0", "CARD-ID-", "cardId"}, {"AABB", "aabb", "challenge"}};
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        fhir_example_edit(&text, &edits[i], &changed);
        assert_int_equal(institution_request_read(buffer_bytes(&changed), &q2, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
    }
    buffer_wipe(&text);
    buffer_wipe(&changed);
}

/* Whatever is accepted after a change of bytes can be written again: nothing half read. For the address sanitizer. */
static void mutated_messages_do_no_harm(void **state) {
    (void)state;
    visit_record r = fhir_example_record();
    eligibility_response response = fhir_example_response();
    buffer texts[2] = {BUFFER_INIT(2 * ROOM), BUFFER_INIT(ROOM)}, scratch = BUFFER_INIT(2 * ROOM);
    assert_int_equal(visit_record_write(&r, &texts[0]), RESULT_OK);
    assert_int_equal(eligibility_response_write(&response, &texts[1]), RESULT_OK);
    srand(20261123);
    for (int round = 0; round < 6000; round++) {
        buffer *text = &texts[round % 2];
        size_t at = (size_t)rand() % text->length;
        uint8_t kept = text->data[at];
        text->data[at] = (uint8_t)rand();
        size_t length = round % 5 == 0 ? (size_t)rand() % text->length : text->length;
        visit_record again;
        buffer_clear(&scratch);
        if (visit_record_read(bytes_of(text->data, length), &again, &scratch, NULL) == RESULT_OK)
            assert_int_equal(visit_record_write(&again, &scratch), RESULT_OK);
        visit_record_wipe(&again);
        buffer_clear(&scratch);
        if (eligibility_response_read(bytes_of(text->data, length), &response, NULL) == RESULT_OK)
            assert_int_equal(eligibility_response_write(&response, &scratch), RESULT_OK);
        text->data[at] = kept;
    }
    visit_record_wipe(&r);
    buffer_wipe(&texts[0]);
    buffer_wipe(&texts[1]);
    buffer_wipe(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_requests_name_the_place),
        cmocka_unit_test(paths_keep_types_apart),
        cmocka_unit_test(deep_and_odd_texts_are_no_messages),
        cmocka_unit_test(responses_round_trip),
        cmocka_unit_test(responses_are_canonical),
        cmocka_unit_test(visit_records_belong_together),
        cmocka_unit_test(records_get_the_proof_of_today),
        cmocka_unit_test(receipts_have_their_forms),
        cmocka_unit_test(institution_exchange_is_strict),
        cmocka_unit_test(mutated_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/fhir: round trips, and hostile messages refused with the place at fault. */
#include "fhir/eligibility.h"
#include "fhir/eligibility_internal.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "0195c0ae-0000-7000-8000-000000000001"
#define TIME "2026-11-24T00:02:11Z"
#define ROOM 65536

/* A change to good JSON: the first `from` becomes `to`, and the complaint must name `place`. */
typedef struct edit {
    const char *from, *to, *place;
} edit;

static void apply(buffer *good, const edit *e, buffer *changed) {
    const char *at = strstr(buffer_text(good), e->from);
    assert_non_null(at);
    buffer_clear(changed);
    buffer_append(changed, bytes_of(good->data, (size_t)(at - (const char *)good->data)));
    buffer_append_text(changed, e->to);
    assert_int_equal(buffer_append_text(changed, at + strlen(e->from)), RESULT_OK);
}

static eligibility_request make_request(void) {
    eligibility_request r = {ID,   "CN=User CA,C=JP#0100", "2026-11-24",
                             TIME, "1312345678",           BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    assert_int_equal(buffer_append_text(&r.evidence, "evidence"), RESULT_OK);
    return r;
}

static eligibility_response make_response(void) {
    return (eligibility_response){.evidence_id = ID,
                                  .patient_serial = "CN=User CA,C=JP#0100",
                                  .service_date = "2026-11-24",
                                  .created = TIME,
                                  .as_of = TIME,
                                  .validity = ELIGIBILITY_VALID,
                                  .link_id = "0123",
                                  .disposition = "資格あり",
                                  .coverage_count = 1,
                                  .coverages = {{"06130012", "健康保険組合", "記号", "187", "05", true, "2026-04-01",
                                                 "2027-03-31", 300, true, "ウ", true}}};
}

static visit_record make_record(void) {
    visit_record r = {{ID, "0123", ID, "1312345678", "D-1", "医師", "内科", TIME, "2026-11-24T00:12:11Z"},
                      BUFFER_INIT(FHIR_SIGNATURE_MAX),
                      BUFFER_INIT(FHIR_EVIDENCE_MAX),
                      BUFFER_INIT(ROOM)};
    buffer_append_text(&r.proof, "proof");
    buffer_append_text(&r.signature, "signature");
    assert_int_equal(buffer_append_text(&r.evidence, "evidence"), RESULT_OK);
    return r;
}

static void hostile_requests_name_the_place(void **state) {
    (void)state;
    eligibility_request r = make_request(), again;
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
        apply(&good, &edits[i], &changed);
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
    eligibility_response r = make_response(), again;
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
        apply(&good, &edits[i], &second);
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
        eligibility_response r = make_response();
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
        buffer_clear(&text);
        buffer_clear(&again);
        assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
        assert_int_equal(fhir_dump_and_free(fhir_parse(buffer_bytes(&text), NULL), &again), RESULT_OK);
        assert_string_equal(buffer_text(&text), buffer_text(&again));
        eligibility_response read, slowly;
        canonical_reader reader = {buffer_bytes(&text)};
        memset(&read, 0, sizeof read);
        memset(&slowly, 0, sizeof slowly);
        assert_true(eligibility_canonical_answer(&reader, &read));
        buffer_append_u8(&text, ' ');
        assert_int_equal(eligibility_response_read(buffer_bytes(&text), &slowly, NULL), RESULT_OK);
        assert_memory_equal(&read, &slowly, sizeof read);
    }
    buffer_wipe(&text);
    buffer_wipe(&again);
}

/* What terminals send goes past jansson; with a space behind it does not, and means the same. */
static void canonical_batches_are_read_alike(void **state) {
    (void)state;
    eligibility_request one = make_request(), two = make_request(), again, slowly;
    static eligibility_request at_once[FHIR_BATCH_MAX];
    const eligibility_request *both[] = {&one, &two};
    buffer text = BUFFER_INIT(ROOM);
    eligibility_batch *batch, *slow;
    size_t count;
    strcpy(two.patient_serial, "CN=\"認証\\局\"#01");
    strcpy(two.service_date, "2026-11-31");
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    assert_true(eligibility_canonical_batch(buffer_bytes(&text), at_once, &count));
    assert_int_equal(count, 2);
    assert_string_equal(at_once[1].patient_serial, two.patient_serial);
    for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
        eligibility_request_wipe(&at_once[i]);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
    buffer_append_u8(&text, ' ');
    assert_false(eligibility_canonical_batch(buffer_bytes(&text), at_once, &count));
    for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
        eligibility_request_wipe(&at_once[i]);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &slow, NULL), RESULT_OK);
    for (size_t i = 0; i < 2; i++) {
        fhir_problem problem = {{0}}, slow_problem = {{0}};
        assert_int_equal(eligibility_batch_entry(batch, i, &again, &problem),
                         eligibility_batch_entry(slow, i, &slowly, &slow_problem));
        assert_string_equal(problem.text, slow_problem.text);
        assert_string_equal(again.patient_serial, slowly.patient_serial);
        assert_true(bytes_equal(buffer_bytes(&again.evidence), buffer_bytes(&slowly.evidence)));
        eligibility_request_wipe(&again);
        eligibility_request_wipe(&slowly);
    }
    eligibility_batch_free(&batch);
    eligibility_batch_free(&slow);
    buffer_wipe(&text);
    eligibility_request_wipe(&one);
    eligibility_request_wipe(&two);
}

static void batches_keep_entries_apart(void **state) {
    (void)state;
    eligibility_request one = make_request(), bad = make_request(), again;
    const eligibility_request *both[] = {&one, &bad};
    buffer text = BUFFER_INIT(ROOM);
    eligibility_batch *batch;
    fhir_problem problem = {{0}};
    strcpy(bad.service_date, "tomorrow");
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_count(batch), 2);
    assert_int_equal(eligibility_batch_entry(batch, 0, &again, NULL), RESULT_OK);
    eligibility_request_wipe(&again);
    assert_int_equal(eligibility_batch_entry(batch, 1, &again, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "servicedDate"));
    eligibility_request_wipe(&again);
    eligibility_batch_free(&batch);
    buffer_clear(&text);
    strcpy(one.patient_serial, "\xff"); /* entry i answers entry i: none may get lost */
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_INVALID);
    assert_int_equal(eligibility_batch_write(both, 0, &text), RESULT_OK);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_INVALID);
    buffer_wipe(&text);
    eligibility_request_wipe(&one);
    eligibility_request_wipe(&bad);
}

/* Content under valueBase64Binary goes past the JSON parser, unless it is written otherwise than we write it. */
static void both_ways_of_attachments_give_the_same(void **state) {
    (void)state;
    static const struct {
        edit edit;
        result expected;
    } rows[] = {
        {{"\"servicedDate\"", "\"servicedDate\"", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"", "\"valueBase64Binary\": \"", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"\\u0057", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"!", ""}, RESULT_INVALID},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"W\\\"", ""}, RESULT_INVALID},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"0 \",\"x\":\"W", ""}, RESULT_INVALID},
    };
    eligibility_request one = make_request(), again;
    const eligibility_request *both[] = {&one, &one};
    buffer text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM);
    buffer_clear(&one.evidence);
    for (int i = 0; i < 90; i++)
        buffer_append_u8(&one.evidence, 0x5A);
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        eligibility_batch *batch;
        apply(&text, &rows[i].edit, &odd);
        assert_int_equal(eligibility_batch_read(buffer_bytes(&odd), &batch, NULL), RESULT_OK);
        for (size_t entry = 0; entry < 2; entry++) {
            const result code = eligibility_batch_entry(batch, entry, &again, NULL);
            assert_int_equal(code, entry == 0 ? rows[i].expected : RESULT_OK);
            assert_true(code != RESULT_OK || bytes_equal(buffer_bytes(&again.evidence), buffer_bytes(&one.evidence)));
            eligibility_request_wipe(&again);
        }
        eligibility_batch_free(&batch);
    }
    buffer_wipe(&text);
    buffer_wipe(&odd);
    eligibility_request_wipe(&one);
}

/* What is read leads to what was to be signed. */
static void check_content(const eligibility_batch_answer *answer, const buffer *content) {
    buffer again = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_batch_answer_content(answer, &again), RESULT_OK);
    assert_string_equal(buffer_text(&again), buffer_text((buffer *)content));
    buffer_wipe(&again);
}

/* What the terminal compares with the signature: nothing of these, or something else than was signed. */
static bool is_signed(json_t *root, const buffer *content) {
    buffer text = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    eligibility_batch_answer *answer = NULL;
    assert_int_equal(fhir_dump(root, &text), RESULT_OK);
    const bool same = eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL) == RESULT_OK &&
                      eligibility_batch_answer_content(answer, &got) == RESULT_OK &&
                      bytes_equal(buffer_bytes(&got), buffer_bytes(content));
    eligibility_batch_answer_free(&answer);
    buffer_wipe(&text);
    buffer_wipe(&got);
    return same;
}

static json_t *entries_of(json_t *root) {
    return json_object_get(root, "entry");
}

static void swap_entries(json_t *root) {
    json_t *first = json_incref(json_array_get(entries_of(root), 0));
    json_array_remove(entries_of(root), 0);
    json_array_insert_new(entries_of(root), 1, first);
}

static void leave_one_out(json_t *root) {
    json_array_remove(entries_of(root), 2);
}

static void double_the_last(json_t *root) { /* CVE-2012-2459 */
    json_array_append_new(entries_of(root), json_deep_copy(json_array_get(entries_of(root), 2)));
}

static void change_a_status(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.1.response"), "status", json_string("201"));
}

static void change_an_answer(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.0.resource"), "disposition", json_string("another"));
}

static void edit_a_path(json_t *root) {
    json_t *extension = (json_t *)fhir_at(root, "entry.0.extension.0");
    char path[1000];
    snprintf(path, sizeof path, "%s", json_string_value(json_object_get(extension, "valueString")));
    path[10] = path[10] == '0' ? '1' : '0';
    json_object_set_new(extension, "valueString", json_string(path));
}

static void take_a_path_away(json_t *root) {
    json_object_del((json_t *)fhir_at(root, "entry.0"), "extension");
}

static void add_a_member(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.0"), "fullUrl", json_string("urn:x"));
}

static void nothing(json_t *root) {
    (void)root;
}

static void edited_batch_answers_lead_to_no_signature(void **state) {
    static const struct {
        void (*edit)(json_t *root);
        bool is_signed;
    } rows[] = {{nothing, true},          {swap_entries, false},     {leave_one_out, false},
                {double_the_last, false}, {change_a_status, false},  {change_an_answer, false},
                {edit_a_path, false},     {take_a_path_away, false}, {add_a_member, false}};
    (void)state;
    eligibility_response r = make_response();
    buffer one = BUFFER_INIT(ROOM), other = BUFFER_INIT(ROOM), refused = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM),
           content = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(&r, &one), RESULT_OK);
    r.validity = ELIGIBILITY_NONE;
    assert_int_equal(eligibility_response_write(&r, &other), RESULT_OK);
    assert_int_equal(outcome_write("conflict", "Known with other content.", &refused), RESULT_OK);
    const eligibility_outcome outcomes[] = {
        {201, buffer_bytes(&one)}, {200, buffer_bytes(&other)}, {409, buffer_bytes(&refused)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 3, &text, &content), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *root = fhir_parse(buffer_bytes(&text), NULL);
        rows[i].edit(root);
        if (is_signed(root, &content) != rows[i].is_signed)
            fail_msg("row %zu", i);
        json_decref(root);
    }
    buffer_wipe(&one);
    buffer_wipe(&other);
    buffer_wipe(&refused);
    buffer_wipe(&text);
    buffer_wipe(&content);
}

static void batch_answers_give_status_and_words(void **state) {
    buffer content = BUFFER_INIT(ROOM);
    (void)state;
    eligibility_response r = make_response(), again;
    buffer response = BUFFER_INIT(ROOM), outcome = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM);
    eligibility_batch_answer *answer;
    fhir_problem problem = {{0}};
    int status;
    assert_int_equal(eligibility_response_write(&r, &response), RESULT_OK);
    assert_int_equal(outcome_write("conflict", "Known with other content.", &outcome), RESULT_OK);
    eligibility_outcome outcomes[] = {{201, buffer_bytes(&response)}, {409, buffer_bytes(&outcome)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_entry(answer, 0, &status, &again, NULL), RESULT_OK);
    assert_int_equal(status, 201);
    assert_int_equal(eligibility_batch_answer_entry(answer, 1, &status, &again, &problem), RESULT_OK);
    assert_int_equal(status, 409);
    assert_string_equal(problem.text, "Known with other content.");
    check_content(answer, &content);
    eligibility_batch_answer_free(&answer);
    static const edit words = {"\"status\":\"201\"", "\"status\":\"201 Created\"", ""};
    apply(&text, &words, &odd);
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&odd), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_entry(answer, 0, &status, &again, NULL), RESULT_INVALID);
    eligibility_batch_answer_free(&answer);
    outcomes[1].resource = bytes_of("{", 1);
    buffer_clear(&text);
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_INVALID);
    buffer_wipe(&content);
    buffer_wipe(&response);
    buffer_wipe(&outcome);
    buffer_wipe(&text);
    buffer_wipe(&odd);
}

static void visit_records_belong_together(void **state) {
    (void)state;
    visit_record r = make_record(), again;
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
        {"\"contentType\":\"application/pkcs7-mime\"", "\"contentType\":\"text/html\"", "contentType"},
        {"\"class\":{", "\"class\":[],\"other\":{", "class"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        fhir_problem problem = {{0}};
        apply(&good, &edits[i], &changed);
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

/* As the version before wrote it: without the platform's answer. */
static void records_of_the_version_before_are_completed(void **state) {
    visit_record r = make_record(), again;
    buffer whole = BUFFER_INIT(2 * ROOM), old = BUFFER_INIT(2 * ROOM), encounter = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    fhir_problem problem = {{0}};
    (void)state;
    assert_int_equal(visit_record_write(&r, &whole), RESULT_OK);
    json_t *root = fhir_parse(buffer_bytes(&whole), NULL);
    json_array_remove(json_object_get(root, "entry"), 3);
    assert_int_equal(fhir_dump(root, &old), RESULT_OK);
    json_decref(root);
    assert_int_equal(visit_record_read(buffer_bytes(&old), &again, &encounter, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "earlier terminal version"));
    visit_record_wipe(&again);
    assert_int_equal(visit_record_prove(&old, buffer_bytes(&r.proof)), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&old), buffer_bytes(&whole)));
    assert_int_equal(visit_record_prove(&old, buffer_bytes(&r.proof)), RESULT_EXISTS);
    visit_record_wipe(&r);
    buffer_wipe(&whole);
    buffer_wipe(&old);
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
        apply(&good, &edits[i], &changed);
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
        apply(&text, &edits[i], &changed);
        assert_int_equal(institution_request_read(buffer_bytes(&changed), &q2, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem.text, edits[i].place));
    }
    buffer_wipe(&text);
    buffer_wipe(&changed);
}

/* Whatever is accepted after a change of bytes can be written again: nothing half read. For the address sanitizer. */
static void mutated_messages_do_no_harm(void **state) {
    (void)state;
    visit_record r = make_record();
    eligibility_response response = make_response();
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
        cmocka_unit_test(canonical_batches_are_read_alike),
        cmocka_unit_test(batches_keep_entries_apart),
        cmocka_unit_test(both_ways_of_attachments_give_the_same),
        cmocka_unit_test(batch_answers_give_status_and_words),
        cmocka_unit_test(edited_batch_answers_lead_to_no_signature),
        cmocka_unit_test(visit_records_belong_together),
        cmocka_unit_test(records_of_the_version_before_are_completed),
        cmocka_unit_test(receipts_have_their_forms),
        cmocka_unit_test(institution_exchange_is_strict),
        cmocka_unit_test(mutated_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

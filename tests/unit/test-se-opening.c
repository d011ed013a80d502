/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The opening of a Secure Element that others disturb: each question that fails for a while is asked again, none for
 * ever, and what nobody could read is taken for nothing else: not for another SE, not for another pairing, not for none.
 * The token, by its PKCS #11 functions, and the time are the test's. */
#include "core/audit.h"
#include "core/card_access.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "p11/token_internal.h"
#include "se/data_key.h"
#include "se/se_identity.h"
#include "se/se_pin_file.h"
#include "se/se_supervision.h"
#include "se/secure_element.h"
#include "stepped-clock.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define READER "SE reader"
#define INSTITUTION "1312345678"
#define ALWAYS 1000000u
#define WHILE 3        /* so often a question fails that then is answered */
#define PATIENT_MS 100 /* more than that many tries take */
#define PAIRING 0x30A1B2C3
#define PAIRING_TEXT "30A1B2C3"
#define NOT_PAIRED "00000000"

/* --- the token ---------------------------------------------------------------------------------------------------- */

typedef enum question { SESSION, INFO, CERTIFICATE, STATE, LOGIN, QUESTIONS } question;
typedef enum object { OBJECT_CERTIFICATE = 1, OBJECT_STATE } object;

static struct {
    const char *label, *serial;
    const test_identity *owner; /* of the certificate */
    se_state state;
    bool empty;         /* the reader */
    bool tells_nothing; /* another maker's token has no such data object */
    CK_FLAGS flags;
    CK_RV verdict;         /* of a login that arrives */
    unsigned unresponsive; /* so often the driver says that it has no channel */
} se;

static struct {
    unsigned from, failures; /* after so many answers so many failures */
    CK_RV rv;
    bool ends_session, leaves; /* the card goes meanwhile */
    int64_t takes_ms;
} disturbed[QUESTIONS];

static unsigned asked[QUESTIONS], slots_asked;
static bool session_ended;
static CK_USER_TYPE user;

static CK_RV answer(question q) {
    const unsigned n = asked[q]++;
    now_ms += disturbed[q].takes_ms;
    if (q != SESSION && q != INFO && session_ended)
        return CKR_SESSION_HANDLE_INVALID;
    if (n < disturbed[q].from || n - disturbed[q].from >= disturbed[q].failures)
        return CKR_OK;
    session_ended |= disturbed[q].ends_session || disturbed[q].leaves;
    se.empty |= disturbed[q].leaves;
    return session_ended ? CKR_SESSION_HANDLE_INVALID : disturbed[q].rv;
}

static void disturb(question q, unsigned from, unsigned failures) {
    disturbed[q].from = from;
    disturbed[q].failures = failures;
    disturbed[q].rv = CKR_DEVICE_ERROR;
}

static void pad(CK_UTF8CHAR *out, size_t length, const char *text) {
    memset(out, ' ', length);
    memcpy(out, text, strlen(text));
}

static CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
    slots_asked++;
    *count = with_token && se.empty ? 0 : 1;
    if (slots != NULL && *count > 0)
        slots[0] = 1;
    return CKR_OK;
}

static CK_RV get_no_slots(CK_BBOOL with_token, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
    (void)with_token, (void)slots;
    *count = 0;
    return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR out) {
    (void)slot;
    *out = (CK_SLOT_INFO){.flags = se.empty ? 0 : CKF_TOKEN_PRESENT};
    pad(out->slotDescription, sizeof out->slotDescription, READER " 00 00");
    return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR out) {
    (void)slot;
    const CK_RV rv = answer(INFO);
    *out = (CK_TOKEN_INFO){.flags = se.flags};
    pad(out->label, sizeof out->label, se.label);
    pad(out->serialNumber, sizeof out->serialNumber, se.serial);
    return se.empty ? CKR_TOKEN_NOT_PRESENT : rv;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR out) {
    (void)slot, (void)flags, (void)application, (void)notify;
    const CK_RV rv = answer(SESSION);
    *out = 7;
    if (rv == CKR_OK)
        session_ended = false;
    return rv;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR out) {
    (void)session;
    *out = (CK_SESSION_INFO){.state = CKS_RW_PUBLIC_SESSION};
    return session_ended ? CKR_SESSION_HANDLE_INVALID : CKR_OK;
}

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE who, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    (void)session;
    assert_memory_equal(pin, "123456", length);
    user = who;
    const CK_RV rv = answer(LOGIN);
    return rv == CKR_OK ? se.verdict : rv;
}

static CK_RV log_out(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static object sought;

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
    (void)session;
    assert_int_equal(count, 2);
    const bool certificate = *(CK_OBJECT_CLASS *)template[0].pValue == CKO_CERTIFICATE;
    assert_memory_equal(template[1].pValue, certificate ? "institution" : SE_STATE_LABEL, template[1].ulValueLen);
    sought = certificate ? OBJECT_CERTIFICATE : OBJECT_STATE;
    return answer(certificate ? CERTIFICATE : STATE);
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR out, CK_ULONG max, CK_ULONG_PTR count) {
    (void)session, (void)max;
    *out = sought;
    *count = sought == OBJECT_STATE && se.tells_nothing ? 0 : 1;
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static CK_RV get_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE which, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
    uint8_t state[SE_STATE_LENGTH];
    (void)session, (void)count;
    se_state shown = se.state;
    if (which == OBJECT_STATE && se.unresponsive > 0 && se.unresponsive-- > 0)
        shown.condition = SE_STATE_UNRESPONSIVE;
    se_state_encode(&shown, state);
    const bytes value = which == OBJECT_STATE ? BYTES(state) : bytes_of(se.owner->der.data, se.owner->der.size);
    const CK_ULONG room = wanted->ulValueLen;
    wanted->ulValueLen = value.length;
    if (wanted->pValue == NULL)
        return CKR_OK;
    assert_true(room >= value.length);
    memcpy(wanted->pValue, value.data, value.length);
    return CKR_OK;
}

static CK_FUNCTION_LIST here = {.C_GetSlotList = get_slot_list,
                                .C_GetSlotInfo = get_slot_info,
                                .C_GetTokenInfo = get_token_info,
                                .C_OpenSession = open_session,
                                .C_CloseSession = close_session,
                                .C_GetSessionInfo = get_session_info,
                                .C_Login = log_in,
                                .C_Logout = log_out,
                                .C_FindObjectsInit = find_init,
                                .C_FindObjects = find,
                                .C_FindObjectsFinal = find_final,
                                .C_GetAttributeValue = get_value};
static CK_FUNCTION_LIST without_readers = {.C_GetSlotList = get_no_slots};

result __wrap_token_module_open(const char *path, token_module **out);
void __wrap_token_module_close(token_module **module);

/* The SE's process. */
result __wrap_token_module_open(const char *path, token_module **out) {
    static token_module elsewhere;
    assert_string_equal(path, "elsewhere.so");
    elsewhere = (token_module){.functions = &here};
    *out = &elsewhere;
    return RESULT_OK;
}

void __wrap_token_module_close(token_module **module) {
    *module = NULL;
}

/* --- what stands around it ---------------------------------------------------------------------------------------- */

static char events[256]; /* of the audit log, each with a blank behind it */

void audit_note(store_access *store, const char *event, const char *result_word) {
    (void)store, (void)result_word;
    strncat(events, event, sizeof events - strlen(events) - 1);
    strncat(events, " ", sizeof events - strlen(events) - 1);
}

void audit_checkpoint(token *t, store_access *store) {
    (void)t, (void)store;
}

void data_key_forget(card_access *cards, store_access *store) {
    (void)cards, (void)store;
}

outcome se_pin_file_read(const char *path, buffer *pin, report *r) {
    (void)path, (void)r;
    return buffer_append_text(pin, "123456") == RESULT_OK ? OUTCOME_OK : OUTCOME_INTERNAL;
}

void presence_supervise(presence *p) {
    (void)p;
}

void presence_end(presence **p, token_module **module) {
    (void)module;
    *p = NULL;
}

pcsc_state pcsc_ask(const char *reader) {
    (void)reader;
    return PCSC_ANSWERS;
}

const char *pcsc_reason(pcsc_state state) {
    (void)state;
    return NULL;
}

const char *pcsc_sentence(pcsc_state state) {
    (void)state;
    return NULL;
}

result pcsc_link_open(pcsc_link **out) {
    *out = NULL;
    return RESULT_UNAVAILABLE;
}

bool pcsc_link_is_cut(const pcsc_link *link) {
    (void)link;
    return false;
}

void pcsc_link_close(pcsc_link **link) {
    *link = NULL;
}

/* --- a terminal --------------------------------------------------------------------------------------------------- */

static test_identity ours, renewed, theirs; /* another certificate of the same institution; another institution's */
static char folder[] = "/tmp/test-se-opening.XXXXXX";
static token_module cards_module;
static card_access cards;
static store_access store;
static command_context ctx;

static void make(test_identity *out, const char *dn, uint32_t serial, gnutls_x509_privkey_t key) {
    const int64_t now = time(NULL);
    const test_profile profile = {dn, serial, now - 1000, now + 1000, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity_make(out, &profile, NULL, key);
}

static int make_certificates(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    make(&ours, "serialNumber=" INSTITUTION ",CN=SE,C=JP", 1, NULL);
    make(&renewed, "serialNumber=" INSTITUTION ",CN=SE,C=JP", 2, ours.key);
    make(&theirs, "serialNumber=9999999999,CN=SE,C=JP", 3, ours.key);
    return 0;
}

static int free_certificates(void **state) {
    (void)state;
    theirs.key = renewed.key = NULL; /* ours */
    test_identity_free(&theirs);
    test_identity_free(&renewed);
    test_identity_free(&ours);
    return rmdir(folder);
}

/* Nothing disturbs any more, and nothing was asked yet. */
static void calm(void) {
    memset(disturbed, 0, sizeof disturbed);
    memset(asked, 0, sizeof asked);
    slots_asked = 0;
    session_ended = false;
    *events = 0;
}

static int begin(void **state) {
    (void)state;
    now_ms = 1000;
    se = (typeof(se)){.label = SE_LABEL " (B)",
                      .serial = "0123456789012345",
                      .owner = &ours,
                      .state = {.condition = SE_STATE_USABLE, .life_cycle = SE_LIFE_OPERATIONAL, .pairing = PAIRING},
                      .flags = CKF_LOGIN_REQUIRED};
    calm();
    cards_module = (token_module){.functions = &here};
    cards = (card_access){.module = &cards_module};
    store = (store_access){.folder = folder};
    ctx = (command_context){.configuration = {.institution_code = INSTITUTION, .reader_se = READER}};
    report_begin(&ctx.report, true, NULL, NULL);
    assert_int_equal(se_supervision_new(&cards, &ctx.report), OUTCOME_OK);
    return store_open_file(&store, &ctx.report) == OUTCOME_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    token_close(&cards.se);
    se_supervision_free(&cards);
    store_close(&store);
    report_discard(&ctx.report);
    return unlink(test_path(folder, "terminal.sqlite"));
}

static outcome take_with(const char *pin, bool typed) {
    token_close(&cards.se);
    report_discard(&ctx.report);
    report_begin(&ctx.report, true, NULL, NULL);
    return secure_element_take(&cards, &store, &ctx, bytes_of(pin, strlen(pin)), typed);
}

static void expect(const char *reason) {
    const outcome done = take_with("123456", false);
    if (reason == NULL && done != OUTCOME_OK)
        fail_msg("refused: %s", report_reason(&ctx.report));
    assert_int_equal(cards.se != NULL, reason == NULL);
    assert_string_equal(report_reason(&ctx.report), reason != NULL ? reason : "");
}

/* The terminal has worked with this SE before. */
static void know_it(void) {
    expect(NULL);
    calm();
}

static const char *setting(const char *name) {
    static char text[IDENTITY_MAX + 1];
    buffer value = BUFFER_INIT(IDENTITY_MAX);
    const result code = terminal_store_setting(store.file, name, NULL, &value);
    snprintf(text, sizeof text, "%s", code == RESULT_OK ? buffer_text(&value) : "");
    buffer_wipe(&value);
    return text;
}

static void put_setting(const char *name, const char *text) {
    assert_int_equal(terminal_store_set(store.file, name, bytes_of(text, strlen(text))), RESULT_OK);
}

/* --- what passes -------------------------------------------------------------------------------------------------- */

static void the_first_one_becomes_this_terminal_s(void **state) {
    (void)state;
    expect(NULL);
    assert_string_equal(events, "se-first-seen ");
    assert_string_equal(setting("se-pairing"), PAIRING_TEXT);
    assert_memory_equal(setting("se-identity"), "0123456789012345 ", 17);
    assert_int_equal(asked[LOGIN], 1);
    assert_int_equal(user, CKU_USER);
    assert_int_equal(now_ms, 1000); /* nobody has waited */
    know_it();
    expect(NULL);
    assert_string_equal(events, "");
}

/* By another program that resets it, or takes it for a moment: the answer fails, or the session has ended. */
static void what_others_disturb_is_asked_again(void **state) {
    static const struct {
        question q;
        unsigned from;
    } rows[] = {{SESSION, 0},     {INFO, 0},  {INFO, 1},  {CERTIFICATE, 0},
                {CERTIFICATE, 1}, {STATE, 0}, {STATE, 1}, {LOGIN, 0}};
    (void)state;
    know_it();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int ends = 0; ends < 2; ends++) {
            const int64_t began_ms = now_ms;
            calm();
            disturb(rows[i].q, rows[i].from, WHILE);
            disturbed[rows[i].q].ends_session = ends && (rows[i].q == CERTIFICATE || rows[i].q == STATE);
            expect(NULL);
            assert_int_equal(asked[LOGIN], rows[i].q == LOGIN ? WHILE + 1 : 1);
            assert_in_range(now_ms - began_ms, 0, PATIENT_MS);
            assert_string_equal(events, "");
            assert_string_equal(setting("se-pairing"), PAIRING_TEXT);
        }
    }
}

static void so_is_the_first_time(void **state) {
    (void)state;
    for (unsigned from = 0; from < 3; from++) {
        terminal_store_unset(store.file, "se-identity");
        terminal_store_unset(store.file, "se-pairing");
        calm();
        disturb(STATE, from, WHILE);
        expect(NULL);
        assert_string_equal(events, "se-first-seen ");
        assert_string_equal(setting("se-pairing"), PAIRING_TEXT);
    }
}

/* The driver has no channel for a moment, and says so. */
static void a_driver_without_channel_is_asked_again(void **state) {
    (void)state;
    know_it();
    se.unresponsive = WHILE + 1; /* the first reading is the pairing's */
    const int64_t began_ms = now_ms;
    expect(NULL);
    assert_in_range(now_ms - began_ms, 1, PATIENT_MS);
    calm();
    se.unresponsive = ALWAYS;
    expect("se-silent");
    assert_in_range(now_ms - began_ms, 2000, 3000);
    assert_int_equal(asked[LOGIN], 0);
}

/* --- not for ever ------------------------------------------------------------------------------------------------- */

static void nobody_waits_for_ever(void **state) {
    static const struct {
        question q;
        unsigned from;
        const char *reason;
    } rows[] = {
        {SESSION, 0, "se-silent"}, {INFO, 0, "se-silent"},  {INFO, 1, "card-error"},  {CERTIFICATE, 0, "card-error"},
        {STATE, 0, "card-error"},  {STATE, 1, "se-silent"}, {LOGIN, 0, "card-error"},
    };
    static const int64_t takes_ms[] = {0, 500, 4000}; /* twelve tries all the same, but a quarter of a minute at most */
    (void)state;
    know_it();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; k < sizeof takes_ms / sizeof *takes_ms; k++) {
            const int64_t began_ms = now_ms;
            calm();
            disturb(rows[i].q, rows[i].from, ALWAYS);
            disturbed[rows[i].q].takes_ms = takes_ms[k];
            expect(rows[i].reason);
            assert_string_equal(events, "");
            if (rows[i].q != LOGIN)
                assert_int_equal(asked[LOGIN], 0);
            if (now_ms - began_ms < 1500)
                fail_msg("row %zu, %zu: given up after %d ms", i, k, (int)(now_ms - began_ms));
            if (now_ms - began_ms > 60000)
                fail_msg("row %zu, %zu: only given up after %d ms", i, k, (int)(now_ms - began_ms));
            assert_true(asked[rows[i].q] >= (takes_ms[k] < 1000 ? 12 : 4));
        }
    }
}

static void an_empty_reader_is_not_waited_for(void **state) {
    (void)state;
    know_it();
    se.empty = true;
    const int64_t began_ms = now_ms;
    expect("se-missing");
    assert_in_range(now_ms - began_ms, 0, PATIENT_MS);
}

/* --- the PIN ------------------------------------------------------------------------------------------------------ */

static void the_pin_is_sent_again_only_while_no_try_is_spent(void **state) {
    static const struct {
        CK_RV rv, verdict;
        CK_FLAGS flags;
        unsigned info_fails; /* what is asked for after the opening and the need of a login */
        unsigned logins;
        const char *reason;
    } rows[] = {
        {CKR_DEVICE_ERROR, CKR_OK, 0, 0, 2, NULL},
        {CKR_GENERAL_ERROR, CKR_OK, 0, 0, 2, NULL},
        {CKR_DEVICE_ERROR, CKR_OK, CKF_USER_PIN_COUNT_LOW, 0, 1, "card-error"},
        {CKR_DEVICE_ERROR, CKR_OK, CKF_USER_PIN_FINAL_TRY, 0, 1, "card-error"},
        {CKR_DEVICE_ERROR, CKR_OK, CKF_USER_PIN_LOCKED, 0, 1, "card-error"},
        {CKR_DEVICE_ERROR, CKR_OK, 0, ALWAYS, 1, "card-error"}, /* nobody knows */
        {CKR_OK, CKR_PIN_INCORRECT, 0, 0, 1, "se-pin-wrong"},
        {CKR_OK, CKR_PIN_LEN_RANGE, 0, 0, 1, "se-pin-wrong"},
        {CKR_OK, CKR_PIN_LOCKED, 0, 0, 1, "pin-blocked"},
    };
    (void)state;
    know_it();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        calm();
        disturb(LOGIN, 0, rows[i].rv != CKR_OK);
        disturbed[LOGIN].rv = rows[i].rv;
        disturb(INFO, 2, rows[i].info_fails);
        se.flags = CKF_LOGIN_REQUIRED | rows[i].flags;
        se.verdict = rows[i].verdict;
        expect(rows[i].reason);
        assert_int_equal(asked[LOGIN], rows[i].logins);
    }
}

static void without_a_pin_nothing_is_tried(void **state) {
    (void)state;
    assert_int_equal(take_with("", false), OUTCOME_CARD);
    assert_string_equal(report_reason(&ctx.report), "se-pin-needed");
    assert_int_equal(asked[LOGIN], 0);
}

/* A relay's SE: what is typed is the code of the relay's administrator. */
static void an_se_that_asks_for_no_pin_gets_none(void **state) {
    (void)state;
    se.flags = 0;
    expect(NULL);
    assert_int_equal(asked[LOGIN], 0);
    assert_int_equal(take_with("123456", true), OUTCOME_OK);
    assert_int_equal(user, CKU_SO);
    se.verdict = CKR_PIN_INCORRECT;
    assert_int_equal(take_with("123456", true), OUTCOME_CARD);
    assert_string_equal(report_reason(&ctx.report), "relay-code-wrong");
}

/* --- whose it is -------------------------------------------------------------------------------------------------- */

static void another_one_never_serves(void **state) {
    (void)state;
    know_it();
    se.serial = "0123456789012346";
    expect("se-foreign");
    se.serial = "0123456789012345";
    se.owner = &renewed;
    expect("se-foreign");
    se.owner = &theirs;
    expect("se-institution");
    se.owner = &ours;
    se.state.pairing++;
    expect("se-paired-anew");
    se.state.pairing = 0;
    expect("se-paired-anew");
    assert_int_equal(asked[LOGIN], 0);
    assert_string_equal(events, "");
    se.state.pairing = PAIRING;
    expect(NULL);
}

/* Whoever takes a row out of the store gets no other SE in by it. */
static void a_row_that_was_taken_out_opens_nothing(void **state) {
    (void)state;
    know_it();
    terminal_store_unset(store.file, "se-pairing");
    expect("se-paired-anew");
    put_setting("se-pairing", PAIRING_TEXT);
    put_setting(SETTING_DATA_KEY, "wrapped");
    terminal_store_unset(store.file, "se-identity");
    expect("se-foreign");
    assert_string_equal(setting("se-identity"), "");
}

static void the_first_pairing_is_taken(void **state) {
    (void)state;
    se.state.pairing = 0;
    know_it();
    assert_string_equal(setting("se-pairing"), NOT_PAIRED);
    se.state.pairing = PAIRING;
    expect(NULL);
    assert_string_equal(events, "se-paired ");
    assert_string_equal(setting("se-pairing"), PAIRING_TEXT);
    se.state.pairing = 0;
    expect("se-paired-anew"); /* and only that one */
}

/* Of a token that has no such object, and of one that was not heard, only the former is not paired. */
static void a_pairing_that_was_not_heard_is_not_none(void **state) {
    (void)state;
    for (unsigned from = 0; from < 2; from++) { /* before the SE is taken, and while it is */
        calm();
        disturb(STATE, from, ALWAYS);
        expect("card-error");
        assert_string_equal(setting("se-pairing"), "");
        assert_string_equal(setting("se-identity"), "");
        assert_string_equal(events, "");
    }
    calm();
    se.tells_nothing = true;
    expect(NULL);
    assert_string_equal(setting("se-pairing"), NOT_PAIRED);
    calm();
    se.tells_nothing = false;
    disturb(STATE, 0, ALWAYS);
    expect("card-error");
    assert_string_equal(setting("se-pairing"), NOT_PAIRED);
    assert_string_equal(events, "");
}

static void what_was_taken_out_meanwhile_is_not_foreign(void **state) {
    (void)state;
    know_it();
    assert_int_equal(secure_element_still_there(&cards, &ctx), OUTCOME_OK);
    disturb(CERTIFICATE, 1, ALWAYS);
    disturbed[CERTIFICATE].leaves = true;
    expect("card-removed");
    assert_int_equal(secure_element_still_there(&cards, &ctx), OUTCOME_CARD);
}

/* --- out of service ----------------------------------------------------------------------------------------------- */

static void why_it_is_out_of_service(void **state) {
    static const struct {
        const char *label, *serial;
        uint8_t condition;
        const char *reason;
    } rows[] = {
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_WRONG_KEY, "se-unbound"},
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_NOT_BOUND, "se-unbound"},
        {SE_STATE_TOKEN_LABEL, "0123456789012346", SE_STATE_WRONG_KEY, "se-foreign"},
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_LOCKED, "se-locked"},
        {SE_STATE_TOKEN_LABEL, "0123456789012346", SE_STATE_LOCKED, "se-locked"},
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_TERMINATED, "se-terminated"},
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_UNRESPONSIVE, "se-silent"},
        {SE_STATE_TOKEN_LABEL, "0123456789012345", SE_STATE_USABLE, "se-silent"}, /* in order again, too late */
        {"Somebody's card", "0123456789012345", SE_STATE_USABLE, "se-foreign"},
    };
    (void)state;
    know_it();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        calm();
        se.label = rows[i].label;
        se.serial = rows[i].serial;
        se.state.condition = rows[i].condition;
        expect(rows[i].reason);
        assert_int_equal(asked[LOGIN], 0);
    }
}

static void what_nobody_could_read_is_no_other_terminal_s(void **state) {
    (void)state;
    know_it();
    se.label = SE_STATE_TOKEN_LABEL;
    se.serial = "0123456789012346";
    disturb(STATE, 0, ALWAYS);
    expect("se-silent");
    calm();
    se.label = SE_LABEL;
    disturb(SESSION, 0, ALWAYS);
    expect("se-silent");
    calm();
    se.serial = "0123456789012345";
    disturb(CERTIFICATE, 0, ALWAYS);
    expect("card-error");
}

/* Another program may let go of it in the moment in which we give up. */
static void one_that_is_free_again_too_late_is_not_foreign(void **state) {
    (void)state;
    know_it();
    disturb(INFO, 0, ALWAYS);
    expect("se-silent");
    const unsigned last = asked[INFO] - 1;
    calm();
    disturb(INFO, 0, last);
    expect("se-silent");
    assert_int_equal(asked[INFO], last + 1);
}

/* The driver has said why: nothing will change that, and nobody waits for it. The SE in another process is asked there:
 * the readers of this one are others, or none. */
static void who_is_out_of_service_is_not_waited_for(void **state) {
    (void)state;
    know_it();
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        calm();
        if (elsewhere) {
            strcpy(ctx.configuration.se_module, "elsewhere.so");
            cards_module.functions = &without_readers;
        }
        const int64_t began_ms = now_ms;
        se.label = SE_STATE_TOKEN_LABEL;
        se.state.condition = SE_STATE_LOCKED;
        expect("se-locked");
        assert_int_equal(now_ms, began_ms);
        se.label = SE_LABEL;
        se.state.condition = SE_STATE_USABLE;
        expect(NULL);
        token_close(&cards.se);
    }
    assert_ptr_not_equal(cards.se_module, cards.module);
    se.empty = true;
    expect("se-missing");
    assert_non_null(strstr(report_message(&ctx.report), "elsewhere.so"));
}

/* --- afterwards --------------------------------------------------------------------------------------------------- */

/* The session ends while the SE works: it is looked at, and logged in to again, unless a try is spent. */
static void the_login_comes_back_only_while_no_try_is_spent(void **state) {
    static const struct {
        CK_FLAGS flags;
        unsigned logins;
    } rows[] = {{0, 1}, {CKF_USER_PIN_COUNT_LOW, 0}};
    se_state now;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        se.flags = CKF_LOGIN_REQUIRED;
        know_it();
        session_ended = true;
        se.flags |= rows[i].flags;
        assert_int_equal(se_state_read(cards.se, &now) == RESULT_OK, rows[i].logins > 0);
        assert_int_equal(asked[LOGIN], rows[i].logins);
        if (i == 0)
            assert_string_equal(events, "se-login-again ");
        end(state);
        begin(state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(the_first_one_becomes_this_terminal_s),
        TEST(what_others_disturb_is_asked_again),
        TEST(so_is_the_first_time),
        TEST(a_driver_without_channel_is_asked_again),
        TEST(nobody_waits_for_ever),
        TEST(an_empty_reader_is_not_waited_for),
        TEST(the_pin_is_sent_again_only_while_no_try_is_spent),
        TEST(without_a_pin_nothing_is_tried),
        TEST(an_se_that_asks_for_no_pin_gets_none),
        TEST(another_one_never_serves),
        TEST(a_row_that_was_taken_out_opens_nothing),
        TEST(the_first_pairing_is_taken),
        TEST(a_pairing_that_was_not_heard_is_not_none),
        TEST(what_was_taken_out_meanwhile_is_not_foreign),
        TEST(why_it_is_out_of_service),
        TEST(what_nobody_could_read_is_no_other_terminal_s),
        TEST(one_that_is_free_again_too_late_is_not_foreign),
        TEST(who_is_out_of_service_is_not_waited_for),
        TEST(the_login_comes_back_only_while_no_try_is_spent),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}

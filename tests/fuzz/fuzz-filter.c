/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal that makes any calls in any order, on a relay whose SE is a stub: it signs for nobody but what is one of the
 * messages of se/signable.h, with the key that signs them, and opens only what this terminal had signed as its own.
 * The input is a list of parts, one a call: its number, which session, which object, a word, and data. */
#include "fuzz.h"

#include "se/filter.h"
#include "se/relay_client.h"
#include "se/signable.h"

#include "crypt/cms_attributes_read.h"

#include <string.h>

#define SIGNATURE_LENGTH 256
#define SESSIONS 8
#define PLACE 512

/* --- the SE ------------------------------------------------------------------------------------------------------- */

static token_objects objects;
static relay_se_status status;
static char signed_about[RELAY_WORD_SIZE]; /* the store key that was signed last */
static long long signatures, opened;

static void add_object(CK_OBJECT_CLASS class, const char *label, bool signs, bool decrypts) {
    token_object *one = &objects.list[objects.count++];
    *one = (token_object){.class = class,
                          .id = (CK_BYTE)objects.count,
                          .value = BUFFER_INIT(64),
                          .modulus = BUFFER_INIT(64),
                          .may_sign = signs,
                          .may_decrypt = decrypts};
    snprintf(one->label, sizeof one->label, "%s", label);
    buffer_append_text(&one->value, "value");
    buffer_append_text(&one->modulus, "modulus");
}

void relay_se_tell(relay_se *se, relay_se_status *out) {
    (void)se;
    *out = status;
}

const token_objects *relay_se_objects(relay_se *se) {
    (void)se;
    return &objects;
}

result relay_se_sign(relay_se *se, relay_use *use, bytes message, buffer *signature, uint32_t *counter) {
    signable what;
    (void)se;
    FUZZ_REQUIRE(strcmp(use->key, "institution") == 0 && strcmp(use->terminal, "T-01") == 0);
    FUZZ_REQUIRE(signable_read(message, BYTES(objects.holder), BYTES(objects.fingerprint), &what) == RESULT_OK);
    FUZZ_REQUIRE(strcmp(what.role, use->role) == 0 && strcmp(what.about, use->about) == 0 && use->number == 0);
    if (strcmp(use->role, SIGNABLE_STORE) == 0)
        snprintf(signed_about, sizeof signed_about, "%s", use->about);
    use->number = ++signatures;
    *counter = (uint32_t)signatures;
    memset(buffer_extend(signature, SIGNATURE_LENGTH), 'S', SIGNATURE_LENGTH);
    return RESULT_OK;
}

result relay_se_decrypt(relay_se *se, relay_use *use, bytes encrypted, buffer *plain) {
    (void)se;
    (void)encrypted;
    FUZZ_REQUIRE(strcmp(use->key, "store-wrapping") == 0 && strcmp(use->about, signed_about) == 0);
    use->number = ++opened;
    return buffer_append_text(plain, "plain");
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

int64_t relay_store_count_uses(relay_store *store) {
    (void)store;
    return signatures;
}

result relay_store_count_signatures(relay_store *store, const char *terminal, int64_t through, int64_t *count) {
    (void)store;
    (void)terminal;
    (void)through;
    *count = signatures;
    return RESULT_OK;
}

result relay_store_find_wrapped(relay_store *store, const char *terminal, const char *about) {
    (void)store;
    FUZZ_REQUIRE(strcmp(terminal, "T-01") == 0);
    return *about != 0 && strcmp(about, signed_about) == 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

result relay_store_take_code(relay_store *store, const char *id, const char *hash, int64_t now) {
    (void)store;
    (void)id;
    (void)hash;
    (void)now;
    return RESULT_DENIED;
}

/* --- the terminal ------------------------------------------------------------------------------------------------- */

static CK_FUNCTION_LIST *calls;
static CK_SESSION_HANDLE sessions[SESSIONS];
static CK_OBJECT_HANDLE found[TOKEN_OBJECTS_MAX];

typedef struct step {
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    CK_ULONG word;
    uint8_t *data; /* of exactly this length */
    CK_ULONG length;
} step;

static CK_BYTE place[PLACE];

static void open_session(const step *s) {
    CK_SESSION_HANDLE made = 0;
    if (calls->C_OpenSession(CLIENT_SLOT, CKF_SERIAL_SESSION | (s->word & CKF_RW_SESSION), NULL, NULL, &made) == CKR_OK)
        sessions[s->word % SESSIONS] = made;
}

static void close_session(const step *s) {
    calls->C_CloseSession(s->session);
}

static void close_all(const step *s) {
    calls->C_CloseAllSessions(s->word & 3);
}

static void look_at_slot(const step *s) {
    CK_SLOT_ID slots[2];
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO token;
    CK_MECHANISM_TYPE types[4];
    CK_MECHANISM_INFO mechanism;
    CK_SESSION_INFO session;
    CK_ULONG count = s->word & 1 ? 2 : 0, types_count = 4;
    calls->C_GetSlotList((CK_BBOOL)(s->word & 1), slots, &count);
    calls->C_GetSlotInfo(s->word & 3, &slot);
    calls->C_GetTokenInfo(s->word & 3, &token);
    calls->C_GetMechanismList(CLIENT_SLOT, types, &types_count);
    calls->C_GetMechanismInfo(CLIENT_SLOT, s->word, &mechanism);
    calls->C_GetSessionInfo(s->session, &session);
}

static void log_in(const step *s) {
    calls->C_Login(s->session, s->word & 3, s->data, s->length);
}

static void log_out(const step *s) {
    calls->C_Logout(s->session);
}

static void find(const step *s) {
    CK_ULONG count = 0;
    CK_OBJECT_CLASS class = s->word & 7;
    CK_ATTRIBUTE template[2] = {{CKA_LABEL, s->data, s->length}, {CKA_CLASS, &class, sizeof class}};
    if (calls->C_FindObjectsInit(s->session, template, s->word >> 4 & 3 ? 0 : 2) != CKR_OK)
        return;
    const CK_RV rv = calls->C_FindObjects(s->session, found, TOKEN_OBJECTS_MAX, &count);
    FUZZ_REQUIRE(rv != CKR_OK || count <= TOKEN_OBJECTS_MAX);
    calls->C_FindObjectsFinal(s->session);
}

static void read_attribute(const step *s) {
    CK_ATTRIBUTE template[2] = {{s->word, s->data, s->length}, {CKA_VALUE, NULL, 0}};
    calls->C_GetAttributeValue(s->session, s->object, template, 2);
}

static void begin_sign(const step *s) {
    CK_MECHANISM mechanism = {s->word & 0x80 ? s->word : CKM_SHA256_RSA_PKCS, NULL, 0};
    calls->C_SignInit(s->session, &mechanism, s->object);
}

static void sign(const step *s) {
    CK_ULONG size = s->word & 1 ? PLACE : s->word;
    calls->C_Sign(s->session, s->data, s->length, s->word & 2 ? NULL : place,
                  size > PLACE ? (size = PLACE, &size) : &size);
}

static void sign_part(const step *s) {
    calls->C_SignUpdate(s->session, s->data, s->length);
}

static void sign_end(const step *s) {
    CK_ULONG size = s->word & 1 ? PLACE : s->word & 0xFF;
    calls->C_SignFinal(s->session, s->word & 2 ? NULL : place, &size);
}

static void begin_decrypt(const step *s) {
    CK_MECHANISM mechanism = {s->word & 0x80 ? s->word : CKM_RSA_PKCS, NULL, 0};
    calls->C_DecryptInit(s->session, &mechanism, s->object);
}

static void decrypt(const step *s) {
    CK_ULONG size = s->word & 1 ? PLACE : s->word & 0xFF;
    calls->C_Decrypt(s->session, s->data, s->length, s->word & 2 ? NULL : place, &size);
}

/* Every other call is refused. */
static void refused(const step *s) {
    CK_MECHANISM mechanism = {s->word, s->data, s->length};
    CK_OBJECT_HANDLE made = 0;
    CK_ULONG size = PLACE;
    FUZZ_REQUIRE(calls->C_CreateObject(s->session, NULL, 0, &made) != CKR_OK);
    FUZZ_REQUIRE(calls->C_DestroyObject(s->session, s->object) != CKR_OK);
    FUZZ_REQUIRE(calls->C_GenerateKey(s->session, &mechanism, NULL, 0, &made) != CKR_OK);
    FUZZ_REQUIRE(calls->C_WrapKey(s->session, &mechanism, s->object, s->object, place, &size) != CKR_OK);
    FUZZ_REQUIRE(calls->C_InitPIN(s->session, s->data, s->length) != CKR_OK);
    FUZZ_REQUIRE(calls->C_SetPIN(s->session, s->data, s->length, s->data, s->length) != CKR_OK);
    FUZZ_REQUIRE(calls->C_EncryptInit(s->session, &mechanism, s->object) != CKR_OK);
}

/* The SE goes, comes back, is another one. */
static void change_se(const step *s) {
    status.condition = (relay_se_condition)(s->word % 3);
    status.generation += s->word >> 4 & 1;
}

static void (*const steps[])(const step *s) = {
    open_session, close_session, close_all, look_at_slot, log_in,        log_out, find,    read_attribute,
    begin_sign,   sign,          sign_part, sign_end,     begin_decrypt, decrypt, refused, change_se};

static void take(bytes part) {
    if (part.length < 5)
        return;
    const bytes data = bytes_slice(part, 5, part.length);
    step s = {.session = sessions[part.data[1] % SESSIONS],
              .object = found[part.data[2] % TOKEN_OBJECTS_MAX],
              .word = (CK_ULONG)part.data[3] << 8 | part.data[4],
              .data = fuzz_copy(data),
              .length = data.length};
    steps[part.data[0] % (sizeof steps / sizeof *steps)](&s);
    free(s.data);
}

/* --- seeds -------------------------------------------------------------------------------------------------------- */

static void add_call(buffer *seed, uint8_t call, uint8_t object, uint16_t word, bytes data) {
    buffer_append_u16(seed, (uint16_t)(5 + data.length));
    buffer_append_u8(seed, call);
    buffer_append_u8(seed, 0);
    buffer_append_u8(seed, object);
    buffer_append_u16(seed, word);
    buffer_append(seed, data);
}

static void give_signature(const char *name, bytes message) {
    buffer seed = BUFFER_INIT(8192);
    add_call(&seed, 0, 0, 0, (bytes){0});    /* open_session: into sessions[0] */
    add_call(&seed, 6, 0, 0x10, (bytes){0}); /* find everything */
    add_call(&seed, 8, 1, 0, (bytes){0});    /* begin_sign with the second object, the institution key */
    add_call(&seed, 9, 0, 1, message);       /* sign */
    add_call(&seed, 12, 2, 0, (bytes){0});   /* begin_decrypt */
    add_call(&seed, 13, 0, 1, bytes_slice(message, 16, message.length));
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    uint8_t store[16 + 256] = "Uketsuke-STORE-1", institution[64] = "Uketsuke-INST-A10123456789ABCDEF", audit[80];
    (void)count, (void)arguments;
    add_object(CKO_CERTIFICATE, "institution", false, false);
    add_object(CKO_PRIVATE_KEY, "institution", true, false);
    add_object(CKO_PRIVATE_KEY, "store-wrapping", false, true);
    add_object(CKO_PRIVATE_KEY, "tls-client", false, false);
    add_object(CKO_DATA, "SE state", false, false);
    objects.list[4].live = OBJECT_SE_STATE;
    memset(objects.holder, 'H', sizeof objects.holder);
    memset(institution + 32, 'H', 16);
    memset(audit, 'A', sizeof audit);
    memcpy(audit, "Uketsuke-AUDIT-1", 16);
    give_signature("store", BYTES(store));
    give_signature("institution", BYTES(institution));
    give_signature("audit", BYTES(audit));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    relay_desk desk = {.reader = "reader"};
    relay_client *client = NULL;
    bytes input = bytes_of(data, size), part;
    status = (relay_se_status){.condition = RELAY_SE_READY, .serial = "1", .label = "SE", .generation = 1};
    memset(sessions, 0, sizeof sessions);
    memset(found, 0, sizeof found);
    signed_about[0] = 0;
    signatures = opened = 0;
    FUZZ_REQUIRE(terminal_views_new(NULL, &desk.views) == RESULT_OK &&
                 http_rate_new(1000, 1000, &desk.rate) == RESULT_OK &&
                 relay_client_new(&desk, "T-01", &client) == RESULT_OK);
    client->next_handle = client->object_base = 1; /* the same input does the same again */
    relay_client_serve(client);
    calls = filter_functions();
    calls->C_Initialize(NULL);
    while (fuzz_next_part(&input, &part))
        take(part);
    calls->C_Finalize(NULL);
    relay_client_free(&client);
    http_rate_free(&desk.rate);
    terminal_views_free(&desk.views);
    return 0;
}

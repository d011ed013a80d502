/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal's store with very many receptions that wait: real evidence from key files, sealed and entered into the
 * ledger as the terminal does it (docs/interfaces/local-store.md), with the data key that its SE opens. For measurements of what follows.
 *
 *   waiting-evidence PKI CARD MODULE SE-READER SE-PIN-FILE STORE COUNT
 *
 * Nothing else may use the SE and the store meanwhile. */
#include "../tests/services/evidence_maker.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypt/base64.h"
#include "crypt/digest.h"
#include "crypt/seal.h"
#include "p11/token.h"
#include "store/terminal_store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define MAKERS 2
#define RECORD_MAX 32768
#define LEDGER_MAX 16384
#define PLACE_SIZE 512

static struct {
    evidence_maker maker;
    uint8_t record_key[CRYPT_SHA256_LENGTH], ledger_key[CRYPT_SHA256_LENGTH];
    uint8_t sum[CRYPT_SHA256_LENGTH]; /* over the rows that are made */
    long long version;                /* of all of them: one change */
    char ledger[LEDGER_MAX];          /* as it was, as text */
    size_t left;
    sqlite3_stmt *insert, *insert_content;
    pthread_mutex_t lock;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bytes setting_place(char place[PLACE_SIZE], long long version) {
    return bytes_of(place, (size_t)snprintf(place, PLACE_SIZE, "setting\nledger\n%lld", version));
}

static void read_ledger(terminal_store *store) {
    char place[PLACE_SIZE];
    int64_t version;
    buffer sealed = BUFFER_INIT(LEDGER_MAX), text = BUFFER_INIT(LEDGER_MAX - 1);
    CHECK(terminal_store_setting(store, "ledger", &version, &sealed));
    CHECK(crypt_open(work.record_key, setting_place(place, version), buffer_bytes(&sealed), &text));
    snprintf(work.ledger, sizeof work.ledger, "%s", buffer_text(&text));
    work.version = version + 1;
    buffer_wipe(&sealed);
    buffer_wipe(&text);
}

/* The ledger with the new rows in the group that may be there already. */
static void write_ledger(sqlite3 *db, size_t made) {
    static const char group[] = "records reception pending ";
    char place[PLACE_SIZE], sum[2 * CRYPT_SHA256_LENGTH + 1];
    long long count = 0;
    buffer text = BUFFER_INIT(LEDGER_MAX), sealed = BUFFER_INIT(LEDGER_MAX), before = BUFFER_INIT(CRYPT_SHA256_LENGTH);
    for (const char *line = strtok(work.ledger, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, group, sizeof group - 1) != 0)
            CHECK(buffer_append_format(&text, "%s\n", line));
        else if (sscanf(line + sizeof group - 1, "%lld %64s", &count, sum) == 2)
            CHECK(hex_decode(sum, &before));
    }
    for (size_t i = 0; i < before.length; i++)
        work.sum[i] ^= before.data[i];
    hex_encode(BYTES(work.sum), sum, sizeof sum);
    CHECK(buffer_append_format(&text, "%s%lld %s\n", group, count + (long long)made, sum));
    CHECK(crypt_seal(work.record_key, setting_place(place, work.version), buffer_bytes(&text), &sealed));
    sqlite3_stmt *update;
    if (sqlite3_prepare_v2(db, "UPDATE setting SET version = ?, value = ? WHERE name = 'ledger'", -1, &update, NULL) !=
        SQLITE_OK)
        exit(1);
    sqlite3_bind_int64(update, 1, work.version);
    sqlite3_bind_blob(update, 2, sealed.data, (int)sealed.length, SQLITE_STATIC);
    if (sqlite3_step(update) != SQLITE_DONE)
        exit(1);
    sqlite3_finalize(update);
    buffer_wipe(&text);
    buffer_wipe(&sealed);
    buffer_wipe(&before);
}

static void open_data_key(char **arguments) {
    token_module *module;
    token *se;
    terminal_store *store;
    buffer pin = BUFFER_INIT(64), wrapped = BUFFER_INIT(1024), key = BUFFER_INIT(1024);
    CHECK(token_module_open(arguments[0], &module));
    CHECK(token_open(module, arguments[1], "Institution SE", &se));
    CHECK(file_read(arguments[2], &pin));
    while (pin.length > 0 && pin.data[pin.length - 1] == '\n')
        buffer_truncate(&pin, pin.length - 1);
    CHECK(token_login(se, buffer_bytes(&pin)));
    CHECK(terminal_store_open(arguments[3], &store));
    CHECK(terminal_store_setting(store, "data-key", NULL, &wrapped));
    CHECK(token_decrypt(se, "store-wrapping", buffer_bytes(&wrapped), &key));
    CHECK(crypt_hmac_sha256(buffer_bytes(&key), bytes_of("records", 7), work.record_key));
    CHECK(crypt_hmac_sha256(buffer_bytes(&key), bytes_of("ledger", 6), work.ledger_key));
    read_ledger(store);
    terminal_store_close(&store);
    token_close(&se);
    token_module_close(&module);
    buffer_wipe(&key);
}

static void name_row(const statement *s, terminal_record *row) {
    uint8_t random[CRYPT_SHA256_LENGTH];
    *row = (terminal_record){.kind = "reception", .state = "pending", .at = clock_wall_s(), .version = work.version};
    CHECK(crypt_random(random, sizeof random));
    hex_encode(BYTES(random), row->subject, sizeof row->subject);
    snprintf(row->id, sizeof row->id, "%s", s->evidence_id);
}

static int place_of(const terminal_record *r, char place[PLACE_SIZE]) {
    return snprintf(place, PLACE_SIZE, "record\n%zu %s\n%zu %s\n%zu %s\n%zu %s\n%lld\n%lld", strlen(r->kind), r->kind,
                    strlen(r->id), r->id, strlen(r->subject), r->subject, strlen(r->state), r->state, (long long)r->at,
                    (long long)r->version);
}

static void seal(const terminal_record *row, bytes der, buffer *sealed) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    char place[PLACE_SIZE];
    const int length = place_of(row, place);
    buffer_append_format(&plain, "{\"mode\":\"offline\",\"grade\":\"provisional-c\",\"evidence\":\"");
    crypt_base64_append(&plain, der);
    buffer_append_format(&plain, "\",\"answer\":\"\",\"signature\":\"\",\"assumedInsurer\":\"\",\"assumedNumber\":\"\","
                                 "\"reason\":\"\"}");
    CHECK(plain.failed);
    CHECK(crypt_seal(work.record_key, bytes_of(place, (size_t)length), buffer_bytes(&plain), sealed));
    buffer_wipe(&plain);
}

static void add(const terminal_record *row, const buffer *sealed) {
    char place[PLACE_SIZE];
    uint8_t mac[CRYPT_SHA256_LENGTH];
    const int length = place_of(row, place);
    CHECK(crypt_hmac_sha256(BYTES(work.ledger_key), bytes_of(place, (size_t)length), mac));
    pthread_mutex_lock(&work.lock);
    for (size_t i = 0; i < sizeof mac; i++)
        work.sum[i] ^= mac[i];
    sqlite3_bind_text(work.insert, 1, row->id, -1, SQLITE_STATIC);
    sqlite3_bind_text(work.insert, 2, row->subject, -1, SQLITE_STATIC);
    sqlite3_bind_int64(work.insert, 3, row->at);
    sqlite3_bind_int64(work.insert, 4, row->version);
    sqlite3_bind_text(work.insert_content, 1, row->id, -1, SQLITE_STATIC);
    sqlite3_bind_blob(work.insert_content, 2, sealed->data, (int)sealed->length, SQLITE_STATIC);
    if (sqlite3_step(work.insert) != SQLITE_DONE || sqlite3_step(work.insert_content) != SQLITE_DONE)
        exit(1);
    sqlite3_reset(work.insert);
    sqlite3_reset(work.insert_content);
    pthread_mutex_unlock(&work.lock);
}

static bool take_one(void) {
    pthread_mutex_lock(&work.lock);
    const bool more = work.left > 0;
    work.left -= more;
    pthread_mutex_unlock(&work.lock);
    return more;
}

static void *make(void *unused) {
    while (take_one()) {
        buffer der = BUFFER_INIT(EVIDENCE_MAX), sealed = BUFFER_INIT(RECORD_MAX + CRYPT_SEAL_OVERHEAD);
        statement s;
        terminal_record row;
        evidence_maker_fill(&work.maker, &s);
        evidence_maker_sign_challenge(&work.maker, &s);
        evidence_maker_create(&work.maker, &s, &der);
        name_row(&s, &row);
        seal(&row, buffer_bytes(&der), &sealed);
        add(&row, &sealed);
        buffer_wipe(&der);
        buffer_wipe(&sealed);
    }
    return unused;
}

int main(int count, char **arguments) {
    pthread_t threads[MAKERS];
    sqlite3 *db;
    if (count != 8) {
        fprintf(stderr, "usage: waiting-evidence PKI CARD MODULE SE-READER SE-PIN-FILE STORE COUNT\n");
        return 2;
    }
    open_data_key(arguments + 3);
    const size_t all = work.left = strtoul(arguments[7], NULL, 10);
    evidence_maker_open(arguments[1], arguments[2], &work.maker);
    if (sqlite3_open(arguments[6], &db) != SQLITE_OK || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO record VALUES (?, 'reception', ?, 'pending', ?, ?)", -1, &work.insert,
                           NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO content VALUES (?, ?)", -1, &work.insert_content, NULL) != SQLITE_OK)
        return 1;
    for (size_t i = 0; i < MAKERS; i++)
        if (pthread_create(&threads[i], NULL, make, NULL) != 0)
            return 1;
    for (size_t i = 0; i < MAKERS; i++)
        pthread_join(threads[i], NULL);
    sqlite3_finalize(work.insert);
    sqlite3_finalize(work.insert_content);
    write_ledger(db, all);
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK && sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}

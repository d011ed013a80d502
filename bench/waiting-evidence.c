/* A terminal's store with very many receptions that wait: real evidence from key files, sealed as the terminal seals
 * (apps/terminal/core/record.c), with the data key that its SE opens. For measurements of what follows.
 *
 *   waiting-evidence PKI CARD MODULE SE-READER SE-PIN-FILE STORE COUNT
 *
 * Nothing else may use the SE and the store meanwhile. */
#include "../tests/services/evidence_maker.h"

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
#define RECORD_MOST 32768

static struct {
    evidence_maker maker;
    uint8_t record_key[CRYPT_SHA256_LENGTH];
    size_t left;
    sqlite3_stmt *insert;
    pthread_mutex_t lock;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER};

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
    CHECK(terminal_store_setting(store, "data-key", &wrapped));
    CHECK(token_decrypt(se, "store-wrapping", buffer_bytes(&wrapped), &key));
    CHECK(crypt_hmac_sha256(buffer_bytes(&key), bytes_of("records", 7), work.record_key));
    terminal_store_close(&store);
    token_close(&se);
    token_module_close(&module);
    buffer_wipe(&key);
}

static void seal(const statement *s, bytes der, buffer *sealed) {
    buffer plain = BUFFER_INIT(RECORD_MOST);
    char place[64];
    buffer_append_format(&plain, "{\"mode\":\"offline\",\"grade\":\"provisional-c\",\"evidence\":\"");
    crypt_base64_append(&plain, der);
    buffer_append_format(&plain, "\",\"answer\":\"\",\"signature\":\"\",\"assumedInsurer\":\"\",\"assumedNumber\":\"\","
                                 "\"reason\":\"\"}");
    snprintf(place, sizeof place, "reception %s", s->evidence_id);
    CHECK(plain.failed);
    CHECK(crypt_seal(work.record_key, bytes_of(place, strlen(place)), buffer_bytes(&plain), sealed));
    buffer_wipe(&plain);
}

static void add(const statement *s, const buffer *sealed) {
    pthread_mutex_lock(&work.lock);
    sqlite3_bind_text(work.insert, 1, s->evidence_id, -1, SQLITE_STATIC);
    sqlite3_bind_blob(work.insert, 2, sealed->data, (int)sealed->length, SQLITE_STATIC);
    if (sqlite3_step(work.insert) != SQLITE_DONE)
        exit(1);
    sqlite3_reset(work.insert);
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
        buffer der = BUFFER_INIT(EVIDENCE_MOST), sealed = BUFFER_INIT(RECORD_MOST + CRYPT_SEAL_OVERHEAD);
        statement s;
        evidence_maker_fill(&work.maker, &s);
        evidence_maker_sign_challenge(&work.maker, &s);
        evidence_maker_create(&work.maker, &s, &der);
        seal(&s, buffer_bytes(&der), &sealed);
        add(&s, &sealed);
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
    work.left = strtoul(arguments[7], NULL, 10);
    evidence_maker_open(arguments[1], arguments[2], &work.maker);
    if (sqlite3_open(arguments[6], &db) != SQLITE_OK || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO record VALUES (?, 'reception', lower(hex(randomblob(32))), 'pending',"
                               " unixepoch(), ?)", -1, &work.insert, NULL) != SQLITE_OK)
        return 1;
    for (size_t i = 0; i < MAKERS; i++)
        if (pthread_create(&threads[i], NULL, make, NULL) != 0)
            return 1;
    for (size_t i = 0; i < MAKERS; i++)
        pthread_join(threads[i], NULL);
    sqlite3_finalize(work.insert);
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK && sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}

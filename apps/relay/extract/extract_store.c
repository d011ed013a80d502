/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract/extract_store.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypt/digest.h"
#include "crypt/seal.h"
#include "crypt/secret_file.h"
#include "store/sql.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE (2 * CRYPT_SHA256_LENGTH + 1)
#define NOTES_MAX 256 /* in memory */
#define COLUMNS "number, name, sealed"

static const char *const migrations[] = {
    "CREATE TABLE insured (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, at BIGINT NOT NULL,"
    " sealed BYTEA NOT NULL);"
    "CREATE INDEX insured_at ON insured (at);",
};

struct extract_store {
    sql_database *db;
    uint8_t seal_key[CRYPT_SEAL_KEY_LENGTH], name_key[CRYPT_SEAL_KEY_LENGTH];
    pthread_mutex_t guard; /* guards the members below, and lets one thread write at a time */
    insured_note *notes;
    size_t count;
    bool damaged; /* a row could not be unsealed */
    int64_t last; /* the highest number */
};

/* --- opening ------------------------------------------------------------------------------------------------------ */

static result derive(extract_store *store, bytes key) {
    result code = key.length == CRYPT_SEAL_KEY_LENGTH ? RESULT_OK : RESULT_TRUNCATED;
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(key, bytes_of("insured", 7), store->seal_key);
    return code == RESULT_OK ? crypt_hmac_sha256(key, bytes_of("names", 5), store->name_key) : code;
}

static result open_key(extract_store *store, const char *folder) {
    CLEANED_BY(buffer_wipe) buffer key = BUFFER_SECRET(CRYPT_SEAL_KEY_LENGTH);
    char *path = file_join(folder, "extract.key");
    result code = path != NULL ? secret_file_make(path, CRYPT_SEAL_KEY_LENGTH) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = file_read_secret(path, &key);
    free(path);
    return code == RESULT_OK ? derive(store, buffer_bytes(&key)) : code;
}

static result read_last(extract_store *store) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT number FROM insured ORDER BY number DESC LIMIT 1", "");
        store->last = t.outcome == RESULT_OK ? sql_integer(&rows, 0) : 0;
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome == RESULT_NOT_FOUND ? RESULT_OK : t.outcome;
}

static result open_parts(extract_store *store, const char *folder) {
    static const sql_schema schema = {
        .name = "extract", .migrations = migrations, .count = sizeof migrations / sizeof *migrations};
    char *path = file_join(folder, "extract.sqlite");
    result code = path != NULL ? file_make_folders(folder, 0700) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = sql_open(path, &schema, &store->db);
    if (code == RESULT_OK)
        code = open_key(store, folder);
    if (code == RESULT_OK)
        code = read_last(store);
    free(path);
    return code;
}

/* Rows sealed with a lost key cannot be read any more; an administrator decides what becomes of them. */
static result check_key(extract_store *store) {
    insured_row first;
    const result code = extract_store_next(store, 0, &first);
    return code == RESULT_NOT_FOUND && store->damaged ? RESULT_BAD_SIGNATURE
           : code == RESULT_NOT_FOUND                 ? RESULT_OK
                                                      : code;
}

result extract_store_open(const char *folder, extract_store **out) {
    extract_store *store = *out = calloc(1, sizeof *store);
    if (store == NULL)
        return RESULT_NO_MEMORY;
    pthread_mutex_init(&store->guard, NULL);
    store->notes = calloc(NOTES_MAX, sizeof *store->notes);
    result code = store->notes != NULL ? open_parts(store, folder) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = check_key(store);
    if (code != RESULT_OK) {
        log_error("%s/extract.sqlite, or extract.key beside it: %s. Restore the key, or move both away.", folder,
                  result_text(code));
        extract_store_close(out);
    }
    return code;
}

void extract_store_close(extract_store **store) {
    extract_store *mine = *store;
    if (mine == NULL)
        return;
    if (mine->db != NULL && extract_store_write(mine) != RESULT_OK)
        log_warning("what was noted about patients last could not be written, and is lost. Is the disk full?");
    sql_close(&mine->db);
    pthread_mutex_destroy(&mine->guard);
    free(mine->notes);
    secret_wipe(mine, sizeof *mine);
    free(mine);
    *store = NULL;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* A keyed hash: without the key it does not tell whose row it is. */
static result name_of(const extract_store *store, const char *terminal, const char *patient_serial,
                      char name[NAME_SIZE]) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(INSURED_TEXT_MAX);
    uint8_t mac[CRYPT_SHA256_LENGTH];
    result code = buffer_append_format(&text, "%s\n%s", terminal, patient_serial);
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(bytes_of(store->name_key, sizeof store->name_key), buffer_bytes(&text), mac);
    if (code == RESULT_OK)
        hex_encode(BYTES(mac), name, NAME_SIZE);
    return code;
}

static result open_row(const extract_store *store, const sql_rows *rows, insured_row *out) {
    CLEANED_BY(buffer_wipe) buffer sealed = BUFFER_INIT(INSURED_TEXT_MAX + CRYPT_SEAL_OVERHEAD);
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_SECRET(INSURED_TEXT_MAX);
    char name[NAME_SIZE];
    sql_text(rows, 1, name, sizeof name);
    result code = sql_append(rows, 2, &sealed);
    if (code == RESULT_OK)
        code = crypt_open(store->seal_key, bytes_of(name, strlen(name)), buffer_bytes(&sealed), &text);
    if (code == RESULT_OK)
        code = insured_row_read(buffer_bytes(&text), out);
    out->number = sql_integer(rows, 0);
    return code;
}

static result get_in(sql_transaction *t, const extract_store *store, const char *name, insured_row *out) {
    sql_rows rows;
    result code = sql_find(t, &rows, "SELECT " COLUMNS " FROM insured WHERE name = $1", "t", name);
    if (code == RESULT_OK)
        code = open_row(store, &rows, out);
    return sql_finish(&rows, code);
}

/* A row that cannot be unsealed counts as missing: the next reception writes it again. */
static result put_in(sql_transaction *t, extract_store *store, const char *name, const insured_row *row, int64_t at) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_SECRET(INSURED_TEXT_MAX);
    CLEANED_BY(buffer_wipe) buffer sealed = BUFFER_INIT(INSURED_TEXT_MAX + CRYPT_SEAL_OVERHEAD);
    int64_t changed = 0;
    result code = insured_row_write(row, &text);
    if (code == RESULT_OK)
        code = crypt_seal(store->seal_key, bytes_of(name, strlen(name)), buffer_bytes(&text), &sealed);
    if (code == RESULT_OK && at != 0)
        code = sql_change_counted(t, &changed, "UPDATE insured SET at = $1, sealed = $2 WHERE name = $3", "ibt", at,
                                  buffer_bytes(&sealed), name);
    else if (code == RESULT_OK)
        code = sql_change_counted(t, &changed, "UPDATE insured SET sealed = $1 WHERE name = $2", "bt",
                                  buffer_bytes(&sealed), name);
    if (code != RESULT_OK || changed > 0)
        return code;
    return sql_change(t, "INSERT INTO insured VALUES ($1, $2, $3, $4)", "itib", ++store->last, name, at,
                      buffer_bytes(&sealed));
}

/* --- noting ------------------------------------------------------------------------------------------------------- */

static bool is_news_of_patient(const insured_note *note) {
    return note->news != INSURED_ASKED;
}

/* A question of the relay itself neither prolongs how long a patient is kept nor adds one who was removed. */
static result write_one(sql_transaction *t, extract_store *store, const insured_note *note, const char *today) {
    insured_row row = {0};
    char name[NAME_SIZE];
    result code = name_of(store, note->row.terminal, note->row.patient_serial, name);
    if (code == RESULT_OK)
        code = get_in(t, store, name, &row);
    if (code == RESULT_NOT_FOUND && !is_news_of_patient(note))
        return RESULT_OK;
    if (code == RESULT_NOT_FOUND || code == RESULT_BAD_SIGNATURE || code == RESULT_INVALID)
        row = (insured_row){0};
    else if (code != RESULT_OK)
        return code;
    insured_row_take(&row, note, today);
    return put_in(t, store, name, &row, is_news_of_patient(note) ? clock_wall_s() : 0);
}

static result write_noted(extract_store *store) {
    char today[CLOCK_DATE_SIZE];
    const int64_t last = store->last;
    clock_date_in_japan(clock_wall_s(), today);
    sql_transaction t = sql_writing(store->db);
    while (store->count > 0 && sql_run(&t)) {
        store->last = last;
        t.outcome = RESULT_OK;
        for (size_t i = 0; i < store->count && t.outcome == RESULT_OK; i++)
            t.outcome = write_one(&t, store, &store->notes[i], today);
    }
    if (store->count > 0 && t.outcome != RESULT_OK)
        return t.outcome;
    secret_wipe(store->notes, store->count * sizeof *store->notes);
    store->count = 0;
    return RESULT_OK;
}

result extract_store_write(extract_store *store) {
    pthread_mutex_lock(&store->guard);
    const result code = write_noted(store);
    pthread_mutex_unlock(&store->guard);
    return code;
}

result extract_store_note(extract_store *store, const insured_note *note) {
    pthread_mutex_lock(&store->guard);
    const result code = store->count == NOTES_MAX ? write_noted(store) : RESULT_OK;
    if (code == RESULT_OK)
        store->notes[store->count++] = *note;
    pthread_mutex_unlock(&store->guard);
    return code;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* *at: the number of the row that was read. RESULT_BAD_SIGNATURE, RESULT_INVALID: that row cannot be unsealed. */
static result read_next(extract_store *store, int64_t *at, insured_row *out) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT " COLUMNS " FROM insured WHERE number > $1 ORDER BY number LIMIT 1",
                             "i", *at);
        if (t.outcome == RESULT_OK) {
            *at = sql_integer(&rows, 0);
            t.outcome = open_row(store, &rows, out);
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

static void note_damaged(extract_store *store) {
    pthread_mutex_lock(&store->guard);
    if (!store->damaged)
        log_warning("a row about a patient in extract.sqlite does not open, and is passed over");
    store->damaged = true;
    pthread_mutex_unlock(&store->guard);
}

result extract_store_next(extract_store *store, int64_t number, insured_row *out) {
    result code;
    while ((code = read_next(store, &number, out)) == RESULT_BAD_SIGNATURE || code == RESULT_INVALID)
        note_damaged(store);
    return code;
}

result extract_store_get(extract_store *store, int64_t number, insured_row *out) {
    const result code = extract_store_next(store, number - 1, out);
    return code == RESULT_OK && out->number != number ? RESULT_NOT_FOUND : code;
}

result extract_store_find(extract_store *store, const char *terminal, const char *patient_serial, insured_row *out) {
    char name[NAME_SIZE];
    const result named = name_of(store, terminal, patient_serial, name);
    if (named != RESULT_OK)
        return named;
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = get_in(&t, store, name, out);
    return t.outcome;
}

/* --- purge, counts ------------------------------------------------------------------------------------------------ */

result extract_store_purge(extract_store *store, int64_t before, int64_t *purged) {
    *purged = 0;
    pthread_mutex_lock(&store->guard);
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change_counted(&t, purged, "DELETE FROM insured WHERE at < $1", "i", before);
    pthread_mutex_unlock(&store->guard);
    return t.outcome == RESULT_OK && *purged > 0 ? sql_forget(store->db) : t.outcome;
}

result extract_store_count(extract_store *store, int64_t *count) {
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT count(*) FROM insured", "");
        *count = t.outcome == RESULT_OK ? sql_integer(&rows, 0) : 0;
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

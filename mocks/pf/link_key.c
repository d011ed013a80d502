/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link_key.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "crypt/secret_file.h"

#include <string.h>

#define KEPT_NAME "platform link-key"
#define CHECK_LENGTH 8 /* enough to distinguish keys, too short for any other use */

/* [platform] link-key, or STORE.link-key beside a store that is a file. */
static result name_file(const configuration *c, const char *store, buffer *path) {
    const char *given = configuration_get(c, "platform", "link-key");
    if (given)
        return buffer_append_text(path, given);
    if (!strstr(store, "://"))
        return buffer_append_format(path, "%s.link-key", strncmp(store, "sqlite:", 7) == 0 ? store + 7 : store);
    log_error("[platform] link-key is missing: a store on a server needs the path of a file for the key of link ids.");
    return RESULT_INVALID;
}

static result read_key(const char *path, uint8_t key[LINK_KEY_LENGTH]) {
    buffer content = BUFFER_SECRET(LINK_KEY_LENGTH);
    result outcome = file_read_secret(path, &content);
    if (outcome == RESULT_OK && content.length != LINK_KEY_LENGTH)
        outcome = RESULT_INVALID;
    if (outcome == RESULT_OK)
        memcpy(key, content.data, LINK_KEY_LENGTH);
    buffer_wipe(&content);
    if (outcome != RESULT_OK && outcome != RESULT_NOT_FOUND)
        log_error("%s: %s; it should hold the %d bytes of the key of link ids.", path, result_text(outcome),
                  LINK_KEY_LENGTH);
    return outcome;
}

/* Another instance may be making one in the same moment: then that one serves. */
static result make_key(const char *path, platform_store *store, uint8_t key[LINK_KEY_LENGTH]) {
    char kept[KEPT_VALUE_SIZE];
    result outcome = platform_store_keep_first(store, KEPT_NAME, NULL, kept);
    if (outcome == RESULT_OK) {
        log_error(
            "%s is missing: the link ids of this store were made with the key in it. Bring it back from the backup;"
            " if it is lost for good, uketsuke-pf forget-link-key makes every link id new.",
            path);
        return RESULT_NOT_FOUND;
    }
    if (outcome == RESULT_NOT_FOUND)
        outcome = secret_file_make(path, LINK_KEY_LENGTH);
    if (outcome == RESULT_OK)
        return read_key(path, key);
    log_error("%s cannot be made: %s", path, result_text(outcome));
    return outcome;
}

static result compare_with_store(const char *path, platform_store *store, const uint8_t key[LINK_KEY_LENGTH]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    char check[2 * CHECK_LENGTH + 1], kept[KEPT_VALUE_SIZE];
    result outcome = crypt_hmac_sha256(bytes_of(key, LINK_KEY_LENGTH),
                                       bytes_of((const uint8_t *)KEPT_NAME, strlen(KEPT_NAME)), mac);
    if (outcome != RESULT_OK)
        return outcome;
    hex_encode(bytes_of(mac, CHECK_LENGTH), check, sizeof check);
    outcome = platform_store_keep_first(store, KEPT_NAME, NULL, kept); /* asked first: a start writes nothing */
    if (outcome == RESULT_NOT_FOUND)
        outcome = platform_store_keep_first(store, KEPT_NAME, check, kept);
    if (outcome != RESULT_OK || strcmp(check, kept) == 0)
        return outcome;
    log_error(
        "%s is not the key that the link ids of this store were made with. All instances need the same file; bring"
        " the right one back from the backup.",
        path);
    return RESULT_REFUSED;
}

result link_key_open(const configuration *c, const char *store_url, platform_store *store,
                     uint8_t key[LINK_KEY_LENGTH]) {
    buffer path = BUFFER_INIT(4096);
    result outcome = name_file(c, store_url, &path);
    if (outcome == RESULT_OK)
        outcome = read_key(buffer_text(&path), key);
    if (outcome == RESULT_NOT_FOUND)
        outcome = make_key(buffer_text(&path), store, key);
    if (outcome == RESULT_OK)
        outcome = compare_with_store(buffer_text(&path), store, key);
    buffer_wipe(&path);
    return outcome;
}

result link_key_forget(platform_store *store) {
    return platform_store_forget(store, KEPT_NAME);
}

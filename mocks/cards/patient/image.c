#include "image.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/atr.h"
#include "iso7816/tlv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TOKEN_NAME_LENGTH 32
#define LINE_MOST 128

typedef struct loading {
    card_image *image;
    const char *folder;
    const char *personality;
    bool patient;
    const char *problem;
} loading;

static const pin_rule pin_rules[PIN_COUNT] = {
    [PIN_AUTH] = {.name = "auth", .least = 4, .most = 4, .digits_only = true, .tries = 3},
    [PIN_SIGN] = {.name = "sign", .least = 6, .most = PIN_MOST, .digits_only = false, .tries = 5},
};

static const struct {
    const char *path, *problem;
    data_file slot;
} certificates[] = {
    {"ef/0001", "ef/0001: no signature certificate in DER, at most 2,048 bytes", DATA_SIGN_CERTIFICATE},
    {"ef/0002", "ef/0002: no CA certificate in DER, at most 2,048 bytes", DATA_SIGN_CA},
    {"ef/000A", "ef/000A: no user-authentication certificate in DER, at most 2,048 bytes", DATA_AUTH_CERTIFICATE},
    {"ef/000B", "ef/000B: no CA certificate in DER, at most 2,048 bytes", DATA_AUTH_CA},
};

static const struct {
    const char *path, *problem;
    key_file slot;
    data_file certificate;
} keys[] = {
    {"key/auth.pem", "key/auth.pem: not the RSA-2048 private key of the certificate ef/000A", KEY_AUTH,
     DATA_AUTH_CERTIFICATE},
    {"key/sign.pem", "key/sign.pem: not the RSA-2048 private key of the certificate ef/0001", KEY_SIGN,
     DATA_SIGN_CERTIFICATE},
};

static result complain(loading *l, result code, const char *problem) {
    if (code != RESULT_OK && l->problem == NULL)
        l->problem = problem;
    return code;
}

/* Reads folder/name into out. */
static result read_part(const loading *l, const char *name, buffer *out) {
    char *path = file_join(l->folder, name);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, out);
    free(path);
    return code;
}

/* The first line of folder/name, without its newline. */
static result read_line(const loading *l, const char *name, buffer *line) {
    result code = read_part(l, name, line);
    const uint8_t *end = code == RESULT_OK && line->length > 0 ? memchr(line->data, '\n', line->length) : NULL;
    if (end != NULL)
        buffer_truncate(line, (size_t)(end - line->data));
    return code;
}

static result load_personality(loading *l) {
    buffer line = BUFFER_INIT(LINE_MOST);
    result code = read_line(l, "personality", &line);
    if (code == RESULT_OK && strcmp(buffer_text(&line), l->personality) != 0)
        code = RESULT_INVALID;
    buffer_wipe(&line);
    return complain(l, code, "personality: missing, or another kind of card");
}

static result load_atr(loading *l) {
    buffer line = BUFFER_INIT(LINE_MOST);
    atr parsed;
    result code = read_line(l, "atr", &line);
    if (code == RESULT_OK)
        code = hex_decode(buffer_text(&line), &l->image->atr);
    if (code == RESULT_OK)
        code = atr_parse(buffer_bytes(&l->image->atr), &parsed);
    buffer_wipe(&line);
    return complain(l, code, "atr: missing, or no answer to reset in hexadecimal");
}

static void fill(buffer *content, size_t size) {
    while (content->length < size)
        buffer_append_u8(content, FILLER);
}

/* Clients take the length from bytes 2 and 3: a certificate must begin 30 82 hh ll, and fill exactly its file. */
static result load_certificates(loading *l) {
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++) {
        buffer *content = &l->image->data[certificates[i].slot];
        size_t whole = 0;
        result code = read_part(l, certificates[i].path, content);
        if (code == RESULT_OK)
            code = tlv_whole_length(buffer_bytes(content), &whole);
        if (code == RESULT_OK && (whole != content->length || whole < 256 || content->data[0] != 0x30))
            code = RESULT_INVALID;
        if (code != RESULT_OK)
            return complain(l, code, certificates[i].problem);
    }
    return RESULT_OK;
}

static result load_keys(loading *l) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *path = file_join(l->folder, keys[i].path);
        result code = path == NULL ? RESULT_NO_MEMORY
                                   : key_load(&l->image->keys[keys[i].slot], path,
                                              buffer_bytes(&l->image->data[keys[i].certificate]));
        free(path);
        if (code != RESULT_OK)
            return complain(l, code, keys[i].problem);
    }
    return RESULT_OK;
}

/* Token information (EF 0006): application name 32, card id 16, filler. The card id must be the image's. */
static result load_token(loading *l) {
    buffer card_id = BUFFER_INIT(INSTITUTION_CARD_ID_LENGTH + 1);
    buffer *token = &l->image->data[DATA_TOKEN];
    result code = read_line(l, "card-id", &card_id);
    if (code == RESULT_OK && card_id.length != INSTITUTION_CARD_ID_LENGTH)
        code = RESULT_INVALID;
    complain(l, code, "card-id: missing, or not 16 characters");
    if (code == RESULT_OK) {
        memcpy(l->image->institution.card_id, card_id.data, INSTITUTION_CARD_ID_LENGTH);
        code = complain(l, read_part(l, "ef/0006", token), "ef/0006: no token information");
    }
    if (code == RESULT_OK &&
        (token->length != TOKEN_FILE_SIZE ||
         !bytes_equal(bytes_slice(buffer_bytes(token), TOKEN_NAME_LENGTH, card_id.length), buffer_bytes(&card_id))))
        code = complain(l, RESULT_INVALID, "ef/0006: not 160 bytes with the card id of the file card-id at offset 32");
    buffer_wipe(&card_id);
    return code;
}

/* Nobody authenticates to an operator's card in place of its holder: an anchor there is ignored. */
static result load_anchor(loading *l) {
    if (!l->patient)
        return RESULT_OK;
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    result code = read_part(l, "trust/root.cvc", &raw);
    if (code == RESULT_OK)
        code = cvc_parse(buffer_bytes(&raw), &l->image->institution.anchor);
    buffer_wipe(&raw);
    l->image->institution.has_anchor = code == RESULT_OK;
    return complain(l, code, "trust/root.cvc: missing, or no card-verifiable certificate of 568 bytes");
}

/* Filler, and files whose content follows from the others: 0008, both certificates are present; 0009, 16 bytes FF. */
static void complete_data(card_image *image) {
    static const uint8_t both_present[] = {0x8F, 0x8F, 0x00};
    buffer_append(&image->data[DATA_AVAILABILITY], BYTES(both_present));
    fill(&image->data[DATA_RESERVED], 16);
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
        fill(&image->data[certificates[i].slot], CERTIFICATE_FILE_SIZE);
}

static result lock_state(loading *l) {
    char *state = file_join(l->folder, "state");
    char *path = state == NULL ? NULL : file_join(state, "lock");
    result code = path == NULL ? RESULT_NO_MEMORY : file_make_folders(state, 0700);
    if (code == RESULT_OK) {
        l->image->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        code = l->image->lock < 0 ? RESULT_IO : RESULT_OK;
    }
    complain(l, code, "state/: cannot be written");
    if (code == RESULT_OK && flock(l->image->lock, LOCK_EX | LOCK_NB) != 0)
        code = complain(l, RESULT_EXISTS, "the card is in another reader already (state/lock is held)");
    free(path);
    free(state);
    return code;
}

static result load_pins(loading *l) {
    result code = RESULT_OK;
    for (size_t i = 0; i < PIN_COUNT && code == RESULT_OK; i++)
        code = pin_load(&l->image->pins[i], &pin_rules[i], l->folder, &l->problem);
    return code;
}

result card_image_load(card_image *image, const char *folder, const char *personality, const char **problem) {
    static result (*const steps[])(loading *) = {load_personality, load_atr,    load_certificates, load_keys,
                                                 load_token,       load_anchor, lock_state,        load_pins};
    loading l = {.image = image, .folder = folder, .personality = personality};
    l.patient = strcmp(personality, "patient") == 0;
    *image = (card_image){.lock = -1, .atr = BUFFER_INIT(ATR_MOST)};
    for (size_t i = 0; i < DATA_COUNT; i++)
        image->data[i] = BUFFER_INIT(i == DATA_TOKEN ? TOKEN_FILE_SIZE : CERTIFICATE_FILE_SIZE);
    result code = RESULT_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && code == RESULT_OK; i++)
        code = steps[i](&l);
    if (code == RESULT_OK)
        complete_data(image);
    else
        *problem = l.problem != NULL ? l.problem : "memory is out";
    return code;
}

void card_image_free(card_image *image) {
    for (size_t i = 0; i < PIN_COUNT; i++)
        pin_wipe(&image->pins[i]);
    for (size_t i = 0; i < KEY_COUNT; i++)
        key_wipe(&image->keys[i]);
    for (size_t i = 0; i < DATA_COUNT; i++)
        buffer_wipe(&image->data[i]);
    buffer_wipe(&image->atr);
    if (image->lock >= 0)
        close(image->lock);
}

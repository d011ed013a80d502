/* Certificates: read when somebody asks, in as few commands as the reader allows, then kept. */
#include "myna.h"

#include "base/hex.h"
#include "iso7816/tlv.h"

#include <string.h>

#define INS_READ_BINARY 0xB0
#define BY_SHORT_ID 0x80
#define SHORT_ID_LAST 30
#define CERTIFICATE_MOST 8192
#define READ_MOST 4096 /* per command with extended length; certificates have about 1,600 bytes */
#define READ_SHORT 256

static const uint16_t certificate_files[MYNA_FILES] = {EF_AUTH_CERTIFICATE, EF_AUTH_CA, EF_SIGN_CERTIFICATE, EF_SIGN_CA};

void myna_files_start(myna *m) {
    for (size_t i = 0; i < MYNA_FILES; i++)
        m->files[i] = (myna_file){certificate_files[i], BUFFER_INIT(CERTIFICATE_MOST)};
}

void myna_files_wipe(myna *m) {
    for (size_t i = 0; i < MYNA_FILES; i++)
        buffer_wipe(&m->files[i].content);
}

static myna_file *find(myna *m, uint16_t id) {
    for (size_t i = 0; i < MYNA_FILES; i++)
        if (m->files[i].id == id)
            return &m->files[i];
    return NULL;
}

int myna_read(sc_card_t *card, uint16_t id, size_t offset, size_t most, buffer *content, status_word *sw) {
    myna *m = myna_of(card);
    myna_command read = {.ins = INS_READ_BINARY, .p2 = (uint8_t)offset, .le = most};
    if (m->short_ids && m->current_file != id && id <= SHORT_ID_LAST && offset <= 0xFF) {
        read.p1 = (uint8_t)(BY_SHORT_ID | id);
        m->current_file = EF_NONE;
    } else {
        int code = myna_select_file(card, id);
        if (code != SC_SUCCESS)
            return code;
        read.p1 = (uint8_t)(offset >> 8);
    }
    int code = myna_transmit(card, &read, content, sw);
    if (code == SC_SUCCESS && *sw == SW_OK)
        m->current_file = id;
    return code;
}

/* 0001 and 0002 exist in other applications of the card, with other content; 001B only in ours. */
static int make_sure_of_application(sc_card_t *card, uint16_t id) {
    if (myna_of(card)->application_sure || (id != EF_SIGN_CERTIFICATE && id != EF_SIGN_CA))
        return SC_SUCCESS;
    int code = myna_select_file(card, EF_SIGN_PIN);
    if (code == SC_SUCCESS)
        myna_of(card)->application_sure = true;
    return code;
}

/* Appends the next part of the file. A reader or card that does not carry long answers gets short ones from then on;
 * a card that was moved away is brought back. */
static int read_part(sc_card_t *card, uint16_t id, buffer *content) {
    myna *m = myna_of(card);
    status_word sw;
    size_t most = m->extended && card->reader->max_recv_size > READ_SHORT ? READ_MOST : READ_SHORT;
    if (most > card->reader->max_recv_size && card->reader->max_recv_size >= READ_SHORT)
        most = card->reader->max_recv_size;
    if (most > CERTIFICATE_MOST - content->length)
        most = CERTIFICATE_MOST - content->length;
    int code = myna_read(card, id, content->length, most, content, &sw);
    if (code == SC_SUCCESS && sw == SW_WRONG_LENGTH && most > READ_SHORT)
        code = myna_read(card, id, content->length, READ_SHORT, content, &sw);
    if (code == SC_SUCCESS && myna_is_elsewhere(sw) && !m->application_sure) {
        code = myna_select_application(card);
        if (code == SC_SUCCESS)
            code = myna_read(card, id, content->length, READ_SHORT, content, &sw);
    }
    return code == SC_SUCCESS ? myna_error(sw) : code;
}

/* The file is larger than the certificate: the rest is filler. */
static int read_certificate(sc_card_t *card, uint16_t id, buffer *content) {
    size_t whole = 0, before;
    int code = make_sure_of_application(card, id);
    do {
        before = content->length;
        if (code == SC_SUCCESS)
            code = read_part(card, id, content);
        if (code != SC_SUCCESS)
            return code;
        if (whole == 0 && tlv_whole_length(buffer_bytes(content), &whole) != RESULT_OK)
            return SC_ERROR_FILE_NOT_FOUND; /* no certificate of this kind on this card: filler only */
    } while (content->length < whole && content->length > before && content->length < CERTIFICATE_MOST);
    if (content->length < whole || content->data[0] != 0x30)
        return SC_ERROR_FILE_NOT_FOUND;
    buffer_truncate(content, whole);
    return SC_SUCCESS;
}

int myna_certificate(sc_card_t *card, uint16_t id, const myna_file **file) {
    myna *m = myna_of(card);
    myna_file *wanted = find(m, id);
    if (wanted == NULL)
        return SC_ERROR_FILE_NOT_FOUND;
    if (id == EF_SIGN_CERTIFICATE && !m->open[RIGHT_SIGN])
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    if (wanted->content.length == 0) {
        int code = read_certificate(card, id, &wanted->content);
        if (code != SC_SUCCESS) {
            buffer_clear(&wanted->content);
            return code;
        }
    }
    *file = wanted;
    return SC_SUCCESS;
}

/* Certificate { tbsCertificate { [0] version, serialNumber, ... } } (RFC 5280 4.1). */
static bytes serial_number_of(bytes certificate) {
    bytes outer, body, number;
    if (tlv_find(certificate, 0x30, &outer) != RESULT_OK || tlv_find(outer, 0x30, &body) != RESULT_OK ||
        tlv_find(body, 0x02, &number) != RESULT_OK)
        return (bytes){0};
    size_t most = INSTITUTION_CARD_ID_LENGTH / 2; /* two digits a byte */
    return number.length > most ? bytes_slice(number, number.length - most, most) : number;
}

void myna_serial(sc_card_t *card, char text[MYNA_SERIAL_SIZE]) {
    const myna_file *file;
    memset(text, 0, MYNA_SERIAL_SIZE);
    if (myna_of(card)->card_id[0] != 0)
        memcpy(text, myna_of(card)->card_id, MYNA_SERIAL_SIZE);
    else if (sc_lock(card) == SC_SUCCESS) {
        if (myna_certificate(card, EF_AUTH_CERTIFICATE, &file) == SC_SUCCESS)
            hex_encode(serial_number_of(buffer_bytes(&file->content)), text, MYNA_SERIAL_SIZE);
        sc_unlock(card);
    }
}

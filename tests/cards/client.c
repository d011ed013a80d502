/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

static SCARDCONTEXT context;
static SCARDHANDLE handle;
static BYTE answer[70000];

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    exit(1);
}

void client_connect(const char *reader) {
    DWORD protocol;
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code == SCARD_S_SUCCESS)
        code = SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &handle, &protocol);
    if (code != SCARD_S_SUCCESS)
        fail("%s: PC/SC says %08lX", reader, (unsigned long)code);
}

octets client_send(octets command, unsigned *sw) {
    DWORD length = sizeof answer;
    LONG code = SCardTransmit(handle, SCARD_PCI_T1, command.data, command.length, NULL, answer, &length);
    if (code != SCARD_S_SUCCESS || length < 2)
        fail("no answer: %08lX", (unsigned long)code);
    *sw = (unsigned)answer[length - 2] << 8 | answer[length - 1];
    return (octets){answer, length - 2};
}

/* ISO/IEC 7816-4 5.2: short forms where they do. */
static octets build(uint32_t header, octets data, unsigned le, uint8_t *room) {
    uint8_t *at = room;
    int extended = data.length > 255 || le > 256;
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(header >> shift);
    if (extended)
        *at++ = 0;
    if (data.length > 0 && extended)
        *at++ = (uint8_t)(data.length >> 8);
    if (data.length > 0) {
        *at++ = (uint8_t)data.length;
        memcpy(at, data.data, data.length);
        at += data.length;
    }
    if (le > 0 && extended)
        *at++ = (uint8_t)(le >> 8);
    if (le > 0)
        *at++ = (uint8_t)le;
    return (octets){room, (size_t)(at - room)};
}

octets client_command(uint32_t header, octets data, unsigned le) {
    uint8_t room[1024];
    unsigned sw;
    octets given = client_send(build(header, data, le, room), &sw);
    if (sw != 0x9000)
        fail("%08X: status word %04X", header, sw);
    return given;
}

unsigned client_status(uint32_t header, octets data) {
    uint8_t room[1024];
    unsigned sw;
    client_send(build(header, data, 65536, room), &sw);
    return sw;
}

void client_select(const char *aid_hexadecimal) {
    uint8_t aid[16];
    size_t length = strlen(aid_hexadecimal) / 2;
    for (size_t i = 0; i < length; i++) {
        unsigned byte = 0;
        sscanf(aid_hexadecimal + 2 * i, "%2x", &byte);
        aid[i] = (uint8_t)byte;
    }
    client_command(0x00A4040C, (octets){aid, length}, 0);
}

octets client_read(unsigned short_id, uint8_t *room, size_t size) {
    const uint8_t file[] = {0x00, (uint8_t)short_id};
    size_t length = 0;
    client_command(0x00A4020C, OCTETS(file), 0);
    for (;;) {
        uint8_t command[] = {0x00, 0xB0, (uint8_t)(length >> 8), (uint8_t)length, 0x00};
        unsigned sw;
        octets part = client_send(OCTETS(command), &sw);
        if (sw == 0x6B00 && length > 0)
            return (octets){room, length};
        if (sw != 0x9000 || length + part.length > size)
            fail("reading %04X: status word %04X", short_id, sw);
        memcpy(room + length, part.data, part.length);
        length += part.length;
        if (part.length < 256)
            return (octets){room, length};
    }
}

octets tlv_take(octets *rest, unsigned *tag, octets *whole) {
    const uint8_t *at = rest->data, *end = rest->data + rest->length;
    size_t length, more;
    if (rest->length < 4)
        fail("an object of %zu bytes", rest->length);
    *tag = *at++;
    if ((*tag & 0x1F) == 0x1F)
        *tag = *tag << 8 | *at++;
    length = *at++;
    for (more = length > 0x7F ? length & 0x7F : 0, length = more > 0 ? 0 : length; more > 0 && at < end; more--)
        length = length << 8 | *at++;
    if (length > (size_t)(end - at))
        fail("object %04X runs past the end", *tag);
    octets value = {at, length};
    if (whole != NULL)
        *whole = (octets){rest->data, (size_t)(at - rest->data) + length};
    *rest = (octets){at + length, (size_t)(end - at) - length};
    return value;
}

octets tlv_get(octets level, unsigned tag, octets *whole) {
    while (level.length > 0 && !(level.data[0] == 0xFF && level.length > 1 && level.data[1] == 0xFF)) {
        unsigned found;
        octets value = tlv_take(&level, &found, whole);
        if (found == tag)
            return value;
    }
    fail("no object %04X", tag);
}

EVP_PKEY *key_of(octets objects) {
    octets e = tlv_get(objects, 0x90, NULL), n = tlv_get(objects, 0x91, NULL);
    EVP_PKEY *key = NULL;
    BIGNUM *exponent = BN_bin2bn(e.data, (int)e.length, NULL), *modulus = BN_bin2bn(n.data, (int)n.length, NULL);
    OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, exponent);
    OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, modulus);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(list);
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (EVP_PKEY_fromdata_init(making) != 1 || EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        fail("no RSA key");
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(list);
    BN_free(exponent);
    BN_free(modulus);
    return key;
}

size_t recover(EVP_PKEY *key, octets signature, uint8_t room[256]) {
    size_t length = 256;
    EVP_PKEY_CTX *reading = EVP_PKEY_CTX_new(key, NULL);
    if (EVP_PKEY_verify_recover_init(reading) != 1 || EVP_PKEY_CTX_set_rsa_padding(reading, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_verify_recover(reading, room, &length, signature.data, signature.length) != 1)
        length = 0;
    EVP_PKEY_CTX_free(reading);
    return length;
}

size_t digest_information(octets digests, uint8_t room[256]) {
    static const uint8_t algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04};
    room[0] = 0x30;
    room[1] = (uint8_t)(sizeof algorithm + 1 + digests.length);
    memcpy(room + 2, algorithm, sizeof algorithm);
    room[2 + sizeof algorithm] = (uint8_t)digests.length;
    memcpy(room + 3 + sizeof algorithm, digests.data, digests.length);
    return 3 + sizeof algorithm + digests.length;
}

void sha256(octets data, uint8_t digest[32]) {
    SHA256(data.data, data.length, digest);
}

void check_signature(const char *what, EVP_PKEY *key, octets data, octets signature) {
    uint8_t digest[32], due[256], inside[256];
    sha256(data, digest);
    size_t length = digest_information(OCTETS(digest), due);
    if (recover(key, signature, inside) != length || memcmp(due, inside, length) != 0)
        fail("%s: the signature is wrong", what);
}

EVP_PKEY *check_certificate(const char *what, octets objects, EVP_PKEY *issuer) {
    octets body = tlv_get(objects, 0x5F4E, NULL), signature = tlv_get(objects, 0x5F37, NULL);
    if (body.length != 297)
        fail("%s: a body of %zu bytes", what, body.length);
    check_signature(what, issuer, body, signature);
    return key_of((octets){body.data + 32, body.length - 32});
}

EVP_PKEY *key_of_file(const char *path) {
    uint8_t room[1024];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("%s: cannot be read", path);
    size_t length = fread(room, 1, sizeof room, file);
    fclose(file);
    octets body = tlv_get(tlv_get((octets){room, length}, 0x7F21, NULL), 0x5F4E, NULL);
    return key_of((octets){body.data + 32, body.length - 32});
}

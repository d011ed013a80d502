/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* client-secure-messaging READER PIN NUMBER-A: opens a session with the input support, presents 照合番号A in it and reads
 * the number and the four basic items, all under AES. Prints both, and how a wrong counter is answered. */
#include "client.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t key[16];
static unsigned counter;

static void aes(const EVP_CIPHER *cipher, const uint8_t *iv, int encrypt, octets in, uint8_t *out) {
    int length;
    EVP_CIPHER_CTX *running = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(running, cipher, NULL, key, iv, encrypt);
    EVP_CIPHER_CTX_set_padding(running, 0);
    EVP_CipherUpdate(running, out, &length, in.data, (int)in.length);
    EVP_CIPHER_CTX_free(running);
}

/* AES-128-CBC whose IV is this command's counter, enciphered. */
static void run(int encrypt, octets in, uint8_t *out) {
    uint8_t number[16] = {0}, iv[16];
    number[14] = (uint8_t)(counter >> 8);
    number[15] = (uint8_t)counter;
    aes(EVP_aes_128_ecb(), NULL, 1, OCTETS(number), iv);
    aes(EVP_aes_128_cbc(), iv, encrypt, in, out);
}

static unsigned send_secured(uint32_t header, octets data) {
    uint8_t padded[16] = {0}, object[19] = {0x86, 0x11, 0x01};
    counter++;
    memcpy(padded, data.data, data.length);
    padded[data.length] = 0x80;
    run(1, OCTETS(padded), object + 3);
    return client_status(header, OCTETS(object));
}

static octets read_secured(uint8_t *room) {
    static const uint8_t all[] = {0x96, 0x03, 0x00, 0x00, 0x00};
    counter++;
    octets rest = client_command(0x08B00000, OCTETS(all), 65536);
    octets value = tlv_get(rest, 0x86, NULL);
    if (value.length < 17 || value.data[0] != 0x01)
        fail("no cryptogram with padding indicator 01");
    run(0, (octets){value.data + 1, value.length - 1}, room);
    size_t length = value.length - 1;
    while (length > 0 && room[length - 1] == 0)
        length--;
    if (length == 0 || room[length - 1] != 0x80)
        fail("no padding in the answer");
    return (octets){room, length - 1};
}

static void deliver_key(void) {
    uint8_t room[600], message[36] = {0xA0, 0x22, 0x80, 0x20}, ciphered[256];
    size_t length = sizeof ciphered;
    EVP_PKEY *transport = key_of(tlv_get(client_read(0x06, room, sizeof room), 0xA1, NULL));
    if (RAND_bytes(message + 4, 32) != 1)
        fail("no random numbers");
    memcpy(key, message + 4, sizeof key);
    EVP_PKEY_CTX *ciphering = EVP_PKEY_CTX_new(transport, NULL);
    if (EVP_PKEY_encrypt_init(ciphering) != 1 || EVP_PKEY_CTX_set_rsa_padding(ciphering, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(ciphering, EVP_sha256()) != 1 ||
        EVP_PKEY_encrypt(ciphering, ciphered, &length, message, sizeof message) != 1)
        fail("no encryption");
    EVP_PKEY_CTX_free(ciphering);
    EVP_PKEY_free(transport);
    client_command(0x80AE0000, OCTETS(ciphered), 0);
}

static octets read_file(unsigned id, uint8_t *room) {
    const uint8_t file[] = {0x00, (uint8_t)id};
    unsigned sw = send_secured(0x08A4020C, OCTETS(file));
    if (sw != 0x9000)
        fail("SELECT under secure messaging: %04X", sw);
    return read_secured(room);
}

static octets text(const char *words) {
    return (octets){(const uint8_t *)words, strlen(words)};
}

int main(int argc, char **argv) {
    uint8_t room[4096];
    if (argc != 4)
        fail("client-secure-messaging READER PIN NUMBER-A");
    client_connect(argv[1]);
    client_select("D3921000310001010408");
    client_command(0x00200091, text(argv[2]), 0);
    deliver_key();
    unsigned sw = send_secured(0x08200094, text(argv[3]));
    if (sw != 0x9000)
        fail("VERIFY under secure messaging: %04X", sw);
    octets number = tlv_get(read_file(0x01, room), 0xFF10, NULL);
    printf("number %.*s\n", (int)number.length, number.data);
    octets name = tlv_get(tlv_get(read_file(0x02, room), 0xFF20, NULL), 0xDF22, NULL);
    printf("name %.*s\n", (int)name.length, name.data);
    counter++;
    printf("a wrong counter %04X", send_secured(0x08200094, text(argv[3])));
    printf(", and then %04X\n", send_secured(0x08200094, text(argv[3])));
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* client-card-face READER NUMBER-B ROOT: checks the card's face as a relying party does: the certificate 0004 under the
 * root (a file), DF28 against the three groups of 0002, and that the card has the key whose public half is in it. */
#include "client.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From the first of the objects to the end of the last. */
static void digest_group(octets face, unsigned first, unsigned last, uint8_t digest[32]) {
    octets from, to;
    tlv_get(face, first, &from);
    tlv_get(face, last, &to);
    sha256((octets){from.data, (size_t)(to.data + to.length - from.data)}, digest);
}

static void check_face(octets face, EVP_PKEY *signer) {
    uint8_t digests[96], due[256], inside[256];
    digest_group(face, 0xDF22, 0xDF24, digests);
    digest_group(face, 0xDF25, 0xDF26, digests + 32);
    digest_group(face, 0xDF27, 0xDF27, digests + 64);
    size_t length = digest_information(OCTETS(digests), due);
    if (due[1] != 0x71 || due[18] != 0x60)
        fail("this is no DigestInfo of 96 bytes");
    if (recover(signer, tlv_get(face, 0xDF28, NULL), inside) != length)
        fail("the face's signature has another length");
    printf("text %s\n", memcmp(due, inside, length - 32) == 0 ? "genuine" : "changed");
    printf("photo %s\n", memcmp(due + length - 32, inside + length - 32, 32) == 0 ? "genuine" : "changed");
}

/* The card signs what is given, padded; nothing is proved to it for that but which application is meant. */
static void check_presence(EVP_PKEY *key) {
    uint8_t challenge[32], digest[32], information[256], signature[256];
    if (RAND_bytes(challenge, sizeof challenge) != 1)
        fail("no random numbers");
    sha256(OCTETS(challenge), digest);
    size_t length = digest_information(OCTETS(digest), information);
    client_select("D3921000310001010402");
    octets given = client_command(0x802A0000, (octets){information, length}, 256);
    if (given.length != sizeof signature)
        fail("a signature of %zu bytes", given.length);
    memcpy(signature, given.data, sizeof signature);
    check_signature("the card's own signature", key, OCTETS(challenge), OCTETS(signature));
    printf("the card is present\n");
}

int main(int argc, char **argv) {
    static uint8_t room[40000], certificate[1024];
    if (argc != 4)
        fail("client-card-face READER NUMBER-B ROOT");
    client_connect(argv[1]);
    client_select("D3921000310001010402");
    EVP_PKEY *root = key_of_file(argv[3]);
    octets file = tlv_get(client_read(0x04, certificate, sizeof certificate), 0x7F21, NULL);
    EVP_PKEY *signer = check_certificate("0004", file, root);
    client_command(0x00200092, (octets){(const uint8_t *)argv[2], strlen(argv[2])}, 0);
    octets face = tlv_get(client_read(0x02, room, sizeof room), 0xFF20, NULL);
    check_face(face, signer);
    check_presence(key_of(tlv_get(face, 0xDF24, NULL)));
    return 0;
}

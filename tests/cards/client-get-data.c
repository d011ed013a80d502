/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* client-get-data READER ROOT: GET DATA before anything is selected, with the chain of the issuer security domain down
 * from the root (a file); and the contact interface's answer to reset from inside an application. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static octets get_data(unsigned tag, unsigned le, uint8_t *room) {
    octets given = client_command(0x00CA0000 | tag, (octets){NULL, 0}, le);
    memcpy(room, given.data, given.length);
    return (octets){room, given.length};
}

static void show(const char *name, octets value) {
    printf("%s %.*s\n", name, (int)value.length, value.data);
}

int main(int argc, char **argv) {
    uint8_t upper_room[1024], lower_room[1024], room[1024];
    if (argc != 3)
        fail("client-get-data READER ROOT");
    client_connect(argv[1]);
    octets issuer = get_data(0x0042, 256, room);
    if (issuer.length != 16)
        fail("0042 has %zu bytes", issuer.length);
    show("issuer", (octets){issuer.data, 7});
    show("municipality", get_data(0x00F0, 256, room));
    show("expiry", get_data(0x00F2, 256, room));
    octets upper = get_data(0x00F8, 65535, upper_room), lower = get_data(0x7F21, 65535, lower_room);
    EVP_PKEY *intermediate = check_certificate("F8", upper, key_of_file(argv[2]));
    check_certificate("7F21", lower, intermediate);
    octets named = get_data(0x00F7, 256, room), body = tlv_get(upper, 0x5F4E, NULL);
    if (named.length != 16 || memcmp(named.data, body.data + 16, 16) != 0)
        fail("F7 does not name the key that F8 certifies");
    printf("chain genuine\n");
    client_select("D392F000260100000001");
    octets atr = get_data(0x5F51, 256, room);
    uint8_t sum = 0;
    printf("contact ATR 3B");
    for (size_t i = 0; i < atr.length; sum ^= atr.data[i], i++)
        printf("%02X", atr.data[i]);
    printf(sum == 0 ? "\n" : ", whose checksum is wrong\n");
    printf("42 inside an application: %04X\n", client_status(0x00CA0042, (octets){NULL, 0}));
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Elementary files: what an application's table says about each (elementary_file), and one as a card holds
 * it (file). */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"
#include "patient_keys.h"
#include "patient_pins.h"

typedef enum file_kind {
    FILE_DATA,    /* transparent EF */
    FILE_RECORDS, /* linear EF; the image's file is a sequence of records, each a tag byte, a length byte, a value */
    FILE_OBJECT,  /* no EF: a data object for GET DATA; id is its tag */
    FILE_KEY,     /* private key */
    FILE_PIN,     /* reference value */
    FILE_ANCHOR,  /* the root's public key for institution authentication */
    FILE_OPAQUE,  /* exists and can be selected; nothing more is known of it */
} file_kind;

/* What the holder or the institution has proved: one bit per PIN of the application, and this one. A file opens by any
 * one of its rights; 0: free. */
#define RIGHT_INSTITUTION (1u << 31)

typedef struct elementary_file {
    uint16_t id;
    file_kind kind;
    unsigned opens_by;
    unsigned proves;      /* FILE_PIN: the right it gives */
    const pin_rule *pin;  /* FILE_PIN */
    const char *path;     /* of its content or key in the image; NULL: none, only fixed and filler */
    const char *key_path; /* a private key beside the content; NULL: none */
    bytes fixed;          /* content that follows from nothing */
    size_t size;          /* physical: filled up with FF; 0: as long as its content, as is one that is longer (tag) */
    uint16_t certificate; /* FILE_KEY: the EF with the certificate that it must belong to; 0: any RSA-2048 key */
    uint32_t tag;         /* the image's content must begin with a BER-TLV object with this tag; 0: need not */
    bool (*form)(bytes content); /* what else it must be; NULL: anything of at most size bytes */
    bool optional;               /* the image may lack it: then the file is there, and nothing ever opens it */
    const char *problem;         /* static text when the content is missing or has another form */
} elementary_file;

typedef struct file {
    const elementary_file *about;
    buffer content;
    card_key key;
    pin pin;
    bool missing; /* optional, and not in the image */
} file;

#define FILE_MAX 32768 /* READ BINARY reaches 15-bit offsets (ISO/IEC 7816-4 11.3.3) */
#define FILLER 0xFF

/* Reads content or key from the image; PINs need the image's lock first. *problem is set on failure. */
result file_load(file *f, const char *image_folder, const char **problem);
result file_load_pin(file *f, const char *image_folder, const char **problem);
void file_wipe(file *f);

/* READ BINARY (ISO/IEC 7816-4 11.3.3) of content from offset on. Crossing the end returns the available bytes and 9000,
 * not 6282, as the real card. Sets *part. */
status_word file_read_part(bytes content, size_t offset, uint32_t max, bytes *part);

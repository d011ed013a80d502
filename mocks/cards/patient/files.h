/* The elementary files of the JPKI application, one table row each: what they are and what opens them.
 *
 * Source: public knowledge about the My Number card (the open-source clients OpenSC, jpki/myna, myna-card and
 * sc-tools-myna agree on these). 0005, 0010, 0019, 001C and 001E exist on real cards with unknown meaning: not here. */
#pragma once

#include "base/bytes.h"
#include "iso7816/status_word.h"

typedef enum file_kind {
    FILE_DATA,   /* transparent EF; index is a data_file */
    FILE_KEY,    /* private key; index is a key_file */
    FILE_PIN,    /* reference value; index is a pin_file */
    FILE_ANCHOR, /* the root's public key for institution authentication */
} file_kind;

typedef enum data_file {
    DATA_SIGN_CERTIFICATE,
    DATA_SIGN_CA,
    DATA_TOKEN,
    DATA_AVAILABILITY,
    DATA_RESERVED,
    DATA_AUTH_CERTIFICATE,
    DATA_AUTH_CA,
    DATA_COUNT
} data_file;

typedef enum key_file { KEY_AUTH, KEY_SIGN, KEY_COUNT } key_file;
typedef enum pin_file { PIN_AUTH, PIN_SIGN, PIN_COUNT } pin_file;

/* What the holder or the institution has proved; a file opens by any one of its rights. 0: free. */
#define RIGHT_AUTH_PIN (1u << PIN_AUTH)
#define RIGHT_SIGN_PIN (1u << PIN_SIGN)
#define RIGHT_INSTITUTION (1u << PIN_COUNT)

typedef struct elementary_file {
    uint16_t id;
    uint8_t kind;  /* file_kind */
    uint8_t index; /* among its kind */
    unsigned opens_by;
} elementary_file;

/* Certificate files are physically larger than their certificates; the rest is filler. How large a real card's are is
 * not public: 2,048 bytes is this project's choice (real certificates have 1,300 to 1,600 bytes). */
#define CERTIFICATE_FILE_SIZE 2048
#define FILLER 0xFF
#define TOKEN_FILE_SIZE 160

/* NULL when there is no such file. */
const elementary_file *file_by_id(uint16_t id);
/* Short EF identifiers 1 to 30 (ISO/IEC 7816-4 7.3.2) are the identifiers 0001 to 001E. */
const elementary_file *file_by_short_id(uint8_t short_id);

/* READ BINARY (ISO/IEC 7816-4 11.3.3) of content from offset on. Crossing the end gives what is there and 9000, not
 * 6282: so does the real card. Sets *part. */
status_word file_read_part(bytes content, size_t offset, uint32_t most, bytes *part);

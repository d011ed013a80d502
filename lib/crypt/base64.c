#include "crypt/base64.h"

#include <gnutls/gnutls.h>
#include <string.h>

result crypt_base64_append(buffer *text, bytes data) {
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)data.data, (unsigned)data.length}, out = {NULL, 0};
    if (data.length == 0)
        return RESULT_OK;
    if (gnutls_base64_encode2(&in, &out) != 0)
        return RESULT_NO_MEMORY;
    result code = buffer_append(text, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

/* GnuTLS skips what it does not know; the round trip finds it. */
result crypt_base64_decode(bytes text, buffer *data) {
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)text.data, (unsigned)text.length}, out = {NULL, 0};
    if (text.length == 0)
        return RESULT_OK;
    if (gnutls_base64_decode2(&in, &out) != 0)
        return RESULT_INVALID;
    buffer again = BUFFER_INIT(text.length + 4);
    result code = crypt_base64_append(&again, bytes_of(out.data, out.size));
    if (code != RESULT_OK || !bytes_equal(buffer_bytes(&again), text))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = buffer_append(data, bytes_of(out.data, out.size));
    buffer_wipe(&again);
    gnutls_free(out.data);
    return code;
}

/* Revocation lists as an administrator lays them in: PEM around whatever the fuzzer thinks of as DER. */
#include "fuzz.h"

#include "crypt/revocation_list.h"

#include <string.h>

/* A small list: version 2, sha256WithRSAEncryption, an empty name, two certificates, no true signature. */
static const uint8_t seed[] = {
    0x30, 0x57, 0x30, 0x42, 0x02, 0x01, 0x01, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B,
    0x05, 0x00, 0x30, 0x00, 0x17, 0x0D, '2', '6', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z', 0x30,
    0x1D, 0x30, 0x12, 0x02, 0x01, 0x07, 0x17, 0x0D, '2', '6', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0',
    'Z', 0x30, 0x07, 0x02, 0x01, 0x05, 0x17, 0x02, 'n', 'o', 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D,
    0x01, 0x01, 0x0B, 0x05, 0x00, 0x03, 0x02, 0x00, 0x55,
};

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_give_seed("list", BYTES(seed));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)data, (unsigned)size};
    gnutls_datum_t pem = {NULL, 0};
    revocation_list *list = NULL;
    char name[CRYPT_NAME_MOST];
    bytes rest;
    if (size == 0 || gnutls_pem_base64_encode2("X509 CRL", &der, &pem) != 0)
        return 0;
    if (revocation_list_read(bytes_of(pem.data, pem.size), &list, &rest) == RESULT_OK) {
        revocation_list_issuer(list, name);
        FUZZ_REQUIRE(strlen(name) < sizeof name);
        revocation_list_names(list, bytes_of(data, size < 20 ? size : 20));
    }
    revocation_list_free(&list);
    gnutls_free(pem.data);
    return 0;
}

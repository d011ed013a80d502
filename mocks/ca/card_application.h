/* Writing one application of a card image beside JPKI: apps/<name>/<EF>, pin/<name>. */
#pragma once

#include "card_data.h"
#include "card_signer.h"

typedef struct card_application {
    const card_data *data;
    const card_signer *signer;
    const char *card_id; /* 16 characters */
    char *folder; /* apps/<name> in the image */
    char *pins;   /* pin in the image */
} card_application;

/* All of a patient's card. */
result card_applications_write(office *o, const person *who, const char *card_id, const char *image_folder);

/* One file, mode 0600: some hold what opens by a PIN only. */
result card_application_put(const card_application *a, const char *name, bytes content);
result card_application_put_object(const card_application *a, const char *name, uint32_t tag, bytes value);
result card_application_put_pin(const card_application *a, const char *name, const char *value);
/* FF20 { DF21 { offset of each object from the start of the file, 16 bits each }, objects }. */
result card_application_put_with_offsets(const card_application *a, const char *name, bytes objects);
/* A new RSA-2048 key: <name>.pem; its public key, 90 03 e 91 820100 n, is appended to *public_key. */
result card_application_put_key(const card_application *a, const char *name, buffer *public_key);

/* One for each application: input_support.c 券面事項入力補助, card_face.c 券面事項確認, other_applications.c 共通, 住基,
 * issuer security domain. */
result input_support_write(const card_application *a);
result card_face_write(const card_application *a);
result common_application_write(const card_application *a);
result resident_write(const card_application *a);
result issuer_domain_write(const card_application *a);

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "picture.h"

#include <openjpeg.h>
#include <stdbool.h>
#include <string.h>

#define WIDTH 192
#define HEIGHT 240
#define COMPRESSION 24.0f

/* What differs from face to face, from the seed's bits. */
typedef struct features {
    int head_width, hair, skin, eye_distance, shoulder, background;
} features;

static features features_of(const char *seed) {
    uint32_t hash = 2166136261u; /* FNV-1a: spreads the seed, keeps no secret */
    for (; *seed != '\0'; seed++)
        hash = (hash ^ (uint8_t)*seed) * 16777619u;
    return (features){.head_width = 42 + (int)(hash & 15),
                      .hair = 20 + (int)(hash >> 4 & 63),
                      .skin = 180 + (int)(hash >> 10 & 31),
                      .eye_distance = 15 + (int)(hash >> 15 & 7),
                      .shoulder = 60 + (int)(hash >> 18 & 31),
                      .background = 215 + (int)(hash >> 23 & 31)};
}

static bool inside(int x, int y, int centre_x, int centre_y, int radius_x, int radius_y) {
    int dx = x - centre_x, dy = y - centre_y;
    return dx * dx * radius_y * radius_y + dy * dy * radius_x * radius_x <= radius_x * radius_x * radius_y * radius_y;
}

static int shade(const features *f, int x, int y) {
    const int middle = WIDTH / 2;
    if (inside(x, y, middle - f->eye_distance, 104, 5, 3) || inside(x, y, middle + f->eye_distance, 104, 5, 3))
        return 30; /* eyes */
    if (inside(x, y, middle, 138, 13, 3))
        return 110; /* mouth */
    if (inside(x, y, middle, 122, 3, 6))
        return f->skin - 25; /* nose */
    if (inside(x, y, middle, 66, f->head_width + 4, 34) && y < 82)
        return f->hair;
    if (inside(x, y, middle, 112, f->head_width, 56))
        return f->skin - (x - middle) / 4;
    if (inside(x, y, middle, 250, f->shoulder, 80))
        return 70 + y / 8; /* clothes */
    return f->background - y / 8;
}

static OPJ_SIZE_T write_part(void *data, OPJ_SIZE_T length, void *out) {
    return buffer_append(out, bytes_of(data, length)) == RESULT_OK ? length : (OPJ_SIZE_T)-1;
}

/* The JP2 writer comes back to boxes whose length it learns last: the buffer is the file, at is where it writes. */
typedef struct target {
    buffer whole;
    size_t at;
} target;

static OPJ_SIZE_T write_at(void *data, OPJ_SIZE_T length, void *context) {
    target *t = context;
    size_t behind = t->whole.length - t->at, over = length < behind ? length : behind;
    if (over > 0)
        memcpy(t->whole.data + t->at, data, over);
    if (length > over && write_part((uint8_t *)data + over, length - over, &t->whole) != length - over)
        return (OPJ_SIZE_T)-1;
    t->at += length;
    return length;
}

static OPJ_BOOL seek_to(OPJ_OFF_T position, void *context) {
    target *t = context;
    while (t->whole.length < (size_t)position)
        if (buffer_append_u8(&t->whole, 0) != RESULT_OK)
            return OPJ_FALSE;
    t->at = (size_t)position;
    return OPJ_TRUE;
}

static OPJ_OFF_T skip(OPJ_OFF_T count, void *context) {
    target *t = context;
    return seek_to((OPJ_OFF_T)t->at + count, context) ? count : -1;
}

static opj_image_t *draw_person(const char *seed) {
    opj_image_cmptparm_t component = {.dx = 1, .dy = 1, .w = WIDTH, .h = HEIGHT, .prec = 8};
    opj_image_t *image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
    features f = features_of(seed);
    if (image == NULL)
        return NULL;
    image->x1 = WIDTH;
    image->y1 = HEIGHT;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            image->comps[0].data[y * WIDTH + x] = shade(&f, x, y);
    return image;
}

static bool encode(opj_image_t *image, opj_codec_t *codec, opj_stream_t *stream) {
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = COMPRESSION;
    parameters.cp_disto_alloc = 1;
    parameters.irreversible = 1;
    return opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream) &&
           opj_encode(codec, stream) && opj_end_compress(codec, stream);
}

result picture_of_person(const char *seed, buffer *jpeg2000) {
    target t = {.whole = BUFFER_INIT(jpeg2000->bound)};
    opj_image_t *image = draw_person(seed);
    opj_codec_t *codec = opj_create_compress(OPJ_CODEC_JP2);
    opj_stream_t *stream = opj_stream_default_create(OPJ_FALSE);
    bool done = false;
    if (image != NULL && codec != NULL && stream != NULL) {
        opj_stream_set_write_function(stream, write_at);
        opj_stream_set_seek_function(stream, seek_to);
        opj_stream_set_skip_function(stream, skip);
        opj_stream_set_user_data(stream, &t, NULL);
        done = encode(image, codec, stream);
    }
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    opj_image_destroy(image);
    result r = done ? buffer_append(jpeg2000, buffer_bytes(&t.whole)) : RESULT_INTERNAL;
    buffer_wipe(&t.whole);
    return r;
}

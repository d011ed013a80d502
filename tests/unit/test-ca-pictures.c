/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pictures on card faces are what their formats' own libraries read. */
#include "picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openjpeg.h>
#include <png.h>

#define PICTURE_MAX 30000

/* The picture as 8-bit grey; the caller frees it. */
static uint8_t *read_png(bytes file, png_image *image) {
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    assert_int_not_equal(png_image_begin_read_from_memory(image, file.data, file.length), 0);
    image->format = PNG_FORMAT_GRAY;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(*image));
    assert_non_null(pixels);
    assert_int_not_equal(png_image_finish_read(image, NULL, pixels, 0, NULL), 0);
    return pixels;
}

static size_t ink(const char *text, unsigned height, unsigned width, png_image *image) {
    buffer png = BUFFER_INIT(PICTURE_MAX);
    assert_int_equal(picture_of_text(text, height, width, &png), RESULT_OK);
    assert_int_equal(png.data[24], 1); /* IHDR: one bit per pixel */
    uint8_t *pixels = read_png(buffer_bytes(&png), image);
    size_t black = 0;
    for (size_t i = 0; i < (size_t)image->width * image->height; i++)
        black += pixels[i] == 0;
    free(pixels);
    buffer_wipe(&png);
    return black;
}

static void text_is_drawn(void **state) {
    (void)state;
    png_image image;
    assert_int_equal(ink("　　", 24, 0, &image), 0);
    assert_int_equal(image.width, 48);
    assert_int_equal(image.height, 24);
    assert_true(ink("見本　花子", 24, 0, &image) > 200);
    assert_int_equal(image.width, 120);
    assert_true(ink("123456789012", 12, 72, &image) > 100);
    assert_int_equal(image.width, 72);
    assert_true(ink("", 24, 0, &image) == 0);
}

/* Outside JIS X 0208, one of them outside the basic multilingual plane: none is the glyph of what the font lacks. */
static void rare_characters_are_drawn(void **state) {
    static const char *const rare[] = {"𠮟", "髙", "﨑", "𩸽"};
    buffer missing = BUFFER_INIT(PICTURE_MAX), png = BUFFER_INIT(PICTURE_MAX);
    (void)state;
    assert_int_equal(picture_of_text("\xF4\x8F\xBF\xBD", 32, 32, &missing), RESULT_OK);
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++) {
        buffer_clear(&png);
        assert_int_equal(picture_of_text(rare[i], 32, 32, &png), RESULT_OK);
        assert_false(bytes_equal(buffer_bytes(&png), buffer_bytes(&missing)));
    }
    buffer_wipe(&missing);
    buffer_wipe(&png);
}

static OPJ_SIZE_T read_part(void *data, OPJ_SIZE_T max, void *context) {
    bytes *rest = context;
    bytes part = bytes_slice(*rest, 0, max);
    if (part.length == 0)
        return (OPJ_SIZE_T)-1;
    memcpy(data, part.data, part.length);
    *rest = bytes_slice(*rest, part.length, rest->length);
    return part.length;
}

static void portraits_are_grey_and_differ(void **state) {
    (void)state;
    buffer first = BUFFER_INIT(PICTURE_MAX), again = BUFFER_INIT(PICTURE_MAX), other = BUFFER_INIT(PICTURE_MAX);
    assert_int_equal(picture_of_person("patient-1", &first), RESULT_OK);
    assert_int_equal(picture_of_person("patient-1", &again), RESULT_OK);
    assert_int_equal(picture_of_person("patient-2", &other), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&first), buffer_bytes(&again)));
    assert_false(bytes_equal(buffer_bytes(&first), buffer_bytes(&other)));
    bytes rest = buffer_bytes(&first);
    opj_dparameters_t parameters;
    opj_image_t *image = NULL;
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_JP2);
    opj_stream_t *stream = opj_stream_default_create(OPJ_TRUE);
    opj_set_default_decoder_parameters(&parameters);
    opj_stream_set_read_function(stream, read_part);
    opj_stream_set_user_data(stream, &rest, NULL);
    opj_stream_set_user_data_length(stream, rest.length);
    assert_true(opj_setup_decoder(codec, &parameters));
    assert_true(opj_read_header(stream, codec, &image));
    assert_true(opj_decode(codec, stream, image));
    assert_int_equal(image->numcomps, 1);
    assert_int_equal(image->comps[0].w, 192);
    assert_int_equal(image->comps[0].h, 240);
    assert_in_range(image->comps[0].data[0], 200, 255);             /* background */
    assert_in_range(image->comps[0].data[230 * 192 + 96], 60, 140); /* clothes */
    opj_image_destroy(image);
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    buffer_wipe(&first);
    buffer_wipe(&again);
    buffer_wipe(&other);
}

static void bounds_are_kept(void **state) {
    (void)state;
    buffer small = BUFFER_INIT(100);
    assert_int_not_equal(picture_of_person("patient-1", &small), RESULT_OK);
    assert_int_not_equal(picture_of_text("見本　花子　見本　花子", 24, 0, &small), RESULT_OK);
    assert_int_equal(picture_of_text("x", 0, 0, &small), RESULT_INVALID);
    buffer_wipe(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_drawn),
        cmocka_unit_test(rare_characters_are_drawn),
        cmocka_unit_test(portraits_are_grey_and_differ),
        cmocka_unit_test(bounds_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* OpenSC's view of the card: match, init, finish; the table of operations. */
#include "se.h"

#include "driver_channel.h"
#include "driver_supervision.h"
#include "base/secret.h"
#include "opensc/opensc_version.h"
#include "opensc/rights.h"

#include <scconf/scconf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Exported by libopensc, but declared only in its internal.h, which needs OpenSC's own config.h. */
extern int _sc_card_add_rsa_alg(sc_card_t *card, unsigned int key_length, unsigned long flags, unsigned long exponent);

#define CARD_TYPE 27801 /* none of OpenSC's: its built-in emulators decide by this number */
#define RANDOM_MAX 224  /* at once: with padding and MAC it is an answer of a short command */

static const uint8_t identification[] = {'U', 'K', 'E', 'T', 'S', 'U', 'K', 'E', '-', 'S', 'E', ' '};

/* GET DATA 0103: an IsoApplet has the same application identifier, but not this object. */
static bool is_ours(sc_card_t *card) {
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    status_word sw;
    const se_command get = {.ins = SE_INS_GET_DATA, .p1 = 0x01, .p2 = 0x03, .le = SE_SHORT_ANSWER_MAX};
    bool ours = se_transmit(card, &get, &answer, &sw) == SC_SUCCESS && sw == SW_OK &&
                bytes_equal(bytes_slice(buffer_bytes(&answer), 0, sizeof identification), BYTES(identification));
    buffer_wipe(&answer);
    return ours;
}

static int take_rights_away(sc_card_t *card);

static int match(sc_card_t *card) {
    if (sc_lock(card) != SC_SUCCESS)
        return 0;
    const int code = se_select_application(card);
    const bool ours = (code == SC_SUCCESS || code == SC_ERROR_NOT_ALLOWED) && is_ours(card);
    sc_unlock(card);
    return ours;
}

/* Ends the login of this process. The child of a fork leaves the SE to its parent. */
static int finish(sc_card_t *card) {
    rights_forget(card);
    if (se_of(card) != NULL && !(card->ctx->flags & SC_CTX_FLAG_TERMINATE))
        take_rights_away(card);
    if (se_of(card) != NULL)
        se_channel_free(card);
    secret_free(card->drv_data, sizeof(se));
    card->drv_data = NULL;
    return SC_SUCCESS;
}

static void describe(sc_card_t *card) {
    card->name = "Uketsuke Secure Element";
    card->type = CARD_TYPE;
    card->cla = 0x00;
    card->max_pin_len = SE_PIN_ROOM;
    card->caps |= SC_CARD_CAP_RNG | SC_CARD_CAP_ISO7816_PIN_INFO;
    /* Short readers get chained commands and GET RESPONSE. */
    if (card->reader->max_send_size > SE_SHORT_DATA_MAX && card->reader->max_recv_size > SE_SHORT_ANSWER_MAX &&
        card->reader->active_protocol != SC_PROTO_T0)
        card->caps |= SC_CARD_CAP_APDU_EXT;
    se_channel_set_sizes(card);
}

/* Without a binding key here the SE may be bound to another terminal: its certificates can be read, and no PIN is sent
 * to it in clear. */
static int look_at_binding(sc_card_t *card) {
    int code = se_read_life_cycle(card, &se_of(card)->is_bound);
    if (code == SC_SUCCESS && se_of(card)->is_bound && strcmp(card->ctx->app_name, SE_TOOL_NAME) != 0)
        se_tell(card, "the SE is bound to a terminal, and %s names no binding_key: its keys cannot be used here",
                card->ctx->conf != NULL ? card->ctx->conf->filename : "no configuration");
    return code;
}

/* A bound SE proves here that it belongs to this terminal. If it does not, the card stays attached in a restricted
 * state, which shows the reason: no key, no PIN, no channel. */
static int init(sc_card_t *card) {
    se *s = secret_allocate(sizeof *s); /* the keys of the channel are in it */
    if (s == NULL)
        return SC_ERROR_OUT_OF_MEMORY;
    if (!secret_is_locked())
        sc_log(card->ctx, "the keys of the channel cannot be locked into memory: the limit (ulimit -l) is too low");
    if (getrandom(&s->connection, sizeof s->connection, 0) != (ssize_t)sizeof s->connection)
        s->connection = 0;
    card->drv_data = s;
    describe(card);
    int code = se_channel_configure(card);
    if (code == SC_SUCCESS && (code = se_channel_begin(card)) == SC_SUCCESS) {
        if (!s->channel.wanted)
            code = look_at_binding(card);
        if (code == SC_SUCCESS)
            code = _sc_card_add_rsa_alg(card, RSA_KEY_BITS, se_algorithm_flags(), RSA_EXPONENT);
        sc_unlock(card);
    } else if (s->channel.refusal != SE_STATE_USABLE) {
        s->out_of_service = true;
        code = SC_SUCCESS;
    }
    if (code >= 0)
        code = rights_watch(card, take_rights_away);
    if (code < 0)
        finish(card); /* OpenSC does not, when init fails */
    return code;
}

/* A reset has ended the security status; the driver stores no PIN to send again. The next operation reports failures:
 * after an error from here sc_lock would report success without a lock. */
static int lock_obtained(sc_card_t *card, int was_reset) {
    se *s = se_of(card);
    if (s == NULL)
        return SC_SUCCESS;
    s->fresh = (sc_path_t){0}; /* a change of the SE is made under one lock */
    if (was_reset > 0) {
        s->resets++;
        s->logged_in = false;
        channel_state_log_out(&s->channel.memory);
        s->operation = (se_operation){.chosen = false};
        se_select_application(card);
    }
    se_forget_values(card);
    se_channel_resume(card, was_reset > 0);
    return SC_SUCCESS;
}

/* Every operation that reaches the SE begins with the channel. */
#define GUARDED(name, parameters, operation)                                                                           \
    static int name parameters {                                                                                       \
        int code = se_channel_begin(card);                                                                             \
        if (code == SC_SUCCESS) {                                                                                      \
            code = operation;                                                                                          \
            sc_unlock(card);                                                                                           \
        }                                                                                                              \
        return code;                                                                                                   \
    }
/* Before each signature OpenSC selects the directory of the key, which this SE does not need. While the channel is ours
 * no other program has selected anything. */
static int select_once(sc_card_t *card, const sc_path_t *path, sc_file_t **file) {
    se *s = se_of(card);
    if (file == NULL && s->channel.open && path->type == SC_PATH_TYPE_PATH && path->len > 0 &&
        sc_compare_path(path, &s->selected))
        return SC_SUCCESS;
    s->selected = (sc_path_t){0};
    int code = se_iso()->select_file(card, path, file);
    if (code == SC_SUCCESS && path->type == SC_PATH_TYPE_PATH)
        s->selected = *path;
    return code;
}

/* The SE decides which file is selected afterwards. */
static int select_nothing(sc_card_t *card, int code) {
    se_of(card)->selected = (sc_path_t){0};
    return code;
}

/* After a failure another file may be selected. */
static int update_or_forget(sc_card_t *card, int code) {
    return code < 0 ? select_nothing(card, code) : code;
}

static int select_finished(sc_card_t *card, const sc_path_t *path, sc_file_t **file) {
    return se_hides(card, path) ? SC_ERROR_FILE_NOT_FOUND : select_once(card, path, file);
}

GUARDED(select_in_channel, (sc_card_t * card, const sc_path_t *path, sc_file_t **file),
        select_finished(card, path, file))
GUARDED(read_in_channel, (sc_card_t * card, unsigned offset, u8 *data, size_t length, opensc_read_flags flags),
        se_iso()->read_binary(card, offset, data, length, flags))
GUARDED(update_binary, (sc_card_t * card, unsigned offset, const u8 *data, size_t length, unsigned long flags),
        update_or_forget(card, se_update_binary(card, offset, data, length, flags)))
GUARDED(create_file, (sc_card_t * card, sc_file_t *file), select_nothing(card, se_create_file(card, file)))
GUARDED(delete_file, (sc_card_t * card, const sc_path_t *path), select_nothing(card, se_iso()->delete_file(card, path)))
GUARDED(get_challenge, (sc_card_t * card, u8 *random, size_t length),
        se_iso()->get_challenge(card, random, length < RANDOM_MAX ? length : RANDOM_MAX))
GUARDED(pin_command, (sc_card_t * card, struct sc_pin_cmd_data *data, int *tries_left),
        se_pin_command(card, data, tries_left))
GUARDED(logout, (sc_card_t * card), se_logout(card))
/* Ends the login of this process only (se_logout). Without a login no channel is opened. */
static int take_rights_away(sc_card_t *card) {
    return se_of(card)->logged_in ? logout(card) : SC_SUCCESS;
}

GUARDED(set_security_env, (sc_card_t * card, const sc_security_env_t *environment, int number),
        se_set_security_env(card, environment, number))
GUARDED(compute_signature, (sc_card_t * card, const u8 *data, size_t length, u8 *out, size_t room),
        se_compute_signature(card, data, length, out, room))
GUARDED(decipher, (sc_card_t * card, const u8 *data, size_t length, u8 *out, size_t room),
        se_decipher(card, data, length, out, room))
GUARDED(card_control, (sc_card_t * card, unsigned long command, void *data),
        select_nothing(card, se_card_control(card, command, data)))

/* The state is read without a channel, because it tells why there is none. */
static int select_file(sc_card_t *card, const sc_path_t *path, sc_file_t **file) {
    if (se_is_state_path(path))
        return se_select_state(card, file);
    se_of(card)->state_selected = false;
    return select_in_channel(card, path, file);
}

static int read_binary(sc_card_t *card, unsigned offset, u8 *data, size_t length, opensc_read_flags flags) {
    return se_of(card)->state_selected ? se_read_state(card, offset, data, length)
                                       : read_in_channel(card, offset, data, length, flags);
}

/* Operations of ISO 7816 that this SE does not have: OpenSC must not send them by default. */
static void drop_unsupported(struct sc_card_operations *o) {
    o->write_binary = NULL;
    o->erase_binary = NULL;
    o->read_record = NULL;
    o->write_record = NULL;
    o->append_record = NULL;
    o->update_record = NULL;
    o->delete_record = NULL;
    o->restore_security_env = NULL;
    o->list_files = NULL;
    o->get_data = NULL;
    o->put_data = NULL;
    o->read_public_key = NULL;
}

struct sc_card_driver *se_driver(void) {
    static struct sc_card_operations operations;
    static struct sc_card_driver driver = {"Uketsuke Secure Element", SE_NAME, &operations, NULL, 0, NULL};
    operations = *se_iso();
    operations.match_card = match;
    operations.init = init;
    operations.finish = finish;
    operations.card_reader_lock_obtained = lock_obtained;
    operations.select_file = select_file;
    operations.read_binary = read_binary;
    operations.update_binary = update_binary;
    operations.create_file = create_file;
    operations.delete_file = delete_file;
    operations.get_response = se_get_response;
    operations.get_challenge = get_challenge;
    operations.pin_cmd = pin_command;
    operations.logout = logout;
    operations.set_security_env = set_security_env;
    operations.compute_signature = compute_signature;
    operations.decipher = decipher;
    operations.card_ctl = card_control;
    drop_unsupported(&operations);
    return &driver;
}

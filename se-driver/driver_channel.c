/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver_channel.h"

#include "key_file.h"

#include <scconf/scconf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CLA_GLOBALPLATFORM 0x80
#define CLA_SECURE 0x84
#define INS_INITIALIZE_UPDATE 0x50
#define INS_EXTERNAL_AUTHENTICATE 0x82
#define SHORT_LE_MAX 256
#define TEXT_MAX 512
#define ANSWER_MAX (65536 + SCP03_OVERHEAD)
#define EXTENDED_FIELDS 10 /* header, Lc and Le of an extended command */
#define WHOLE_MAX (SE_DATA_MAX - SCP03_OVERHEAD)

/* OpenSC tries an unrecognised card at every call, so each message is logged once until a channel opens. */
static char said[TEXT_MAX];

void se_tell(sc_card_t *card, const char *format, ...) {
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sc_log(card->ctx, "%s", text);
    if (strcmp(said, text) != 0)
        fprintf(stderr, "uketsuke-se: %s: %s\n", card->reader->name, text);
    memcpy(said, text, sizeof said);
}

static int fail(sc_card_t *card, int problem, const char *text) {
    se_channel *c = &se_of(card)->channel;
    se_tell(card, "%s", text);
    c->open = false;
    c->problem = problem;
    scp03_wipe(&c->session);
    return problem;
}

/* The SE itself prevents a channel. */
static int refuse(sc_card_t *card, se_state_condition why, const char *text) {
    se_of(card)->channel.refusal = why;
    return fail(card, SC_ERROR_WRONG_CARD, text);
}

static const char *binding_key_option(sc_card_t *card) {
    if (strcmp(card->ctx->app_name, SE_TOOL_NAME) == 0)
        return NULL;
    for (size_t i = 0; card->ctx->conf_blocks[i] != NULL; i++) {
        scconf_block **blocks = scconf_find_blocks(card->ctx->conf, card->ctx->conf_blocks[i], "card_driver", SE_NAME);
        if (blocks == NULL)
            continue;
        const char *path = blocks[0] == NULL ? NULL : scconf_get_str(blocks[0], "binding_key", NULL);
        free(blocks);
        if (path != NULL && *path != '\0')
            return path;
    }
    return NULL;
}

/* --- --- opening -------------------------------------------------------------------------------------------------- */

static int initialize_update(sc_card_t *card, const uint8_t challenge[SCP03_CHALLENGE], buffer *answer,
                             status_word *sw) {
    se_channel *c = &se_of(card)->channel;
    const se_command update = {.cla = CLA_GLOBALPLATFORM,
                               .ins = INS_INITIALIZE_UPDATE,
                               .p1 = c->keys.version,
                               .data = bytes_of(challenge, SCP03_CHALLENGE),
                               .le = SHORT_LE_MAX,
                               .outside = true};
    int code = se_transmit(card, &update, answer, sw);
    /* Another program has selected another application or left a chained command unfinished. */
    if (code == SC_SUCCESS && *sw != SW_OK && *sw != SW_CONDITIONS && *sw != SW_REFERENCE_NOT_FOUND) {
        code = se_select_application(card);
        if (code == SC_SUCCESS)
            code = se_transmit(card, &update, answer, sw);
    }
    return code;
}

static void warn_jump(sc_card_t *card, uint32_t jump, uint32_t sequence) {
    se_tell(card,
            "the SE's sequence counter has moved by %u without this terminal (now %u): another program has opened a "
            "channel to it, with a copy of the binding key",
            jump, sequence);
}

static int authenticate(sc_card_t *card) {
    se_channel *c = &se_of(card)->channel;
    buffer data = BUFFER_INIT(2 * SCP03_CHALLENGE);
    status_word sw;
    if (scp03_host_authenticate(&c->session, SCP03_FULL, &data) != RESULT_OK)
        return fail(card, SC_ERROR_INTERNAL, "the secure channel cannot be computed");
    const se_command external = {.cla = CLA_SECURE,
                                 .ins = INS_EXTERNAL_AUTHENTICATE,
                                 .p1 = SCP03_FULL,
                                 .data = buffer_bytes(&data),
                                 .outside = true};
    int code = se_transmit(card, &external, NULL, &sw);
    buffer_wipe(&data);
    if (code != SC_SUCCESS)
        return c->problem = code;
    if (sw == SW_SECURITY_STATUS)
        return refuse(card, SE_STATE_WRONG_KEY, "the SE refuses this terminal's binding key");
    if (sw != SW_OK)
        return fail(card, SC_ERROR_CARD_UNRESPONSIVE, "the SE cannot open a secure channel just now");
    c->open = true;
    said[0] = '\0';
    return SC_SUCCESS;
}

static int begin_session(sc_card_t *card, const uint8_t challenge[SCP03_CHALLENGE], bytes answer) {
    se_channel *c = &se_of(card)->channel;
    uint32_t sequence;
    result code = scp03_host_begin(&c->session, &c->keys, challenge, answer, &sequence);
    if (code == RESULT_BAD_SIGNATURE)
        return refuse(
            card, SE_STATE_WRONG_KEY,
            "the SE does not prove that it knows the binding key: it is another SE, or bound to another terminal");
    if (code != RESULT_OK)
        return fail(card, SC_ERROR_WRONG_CARD, "the SE's answer to INITIALIZE UPDATE is malformed");
    int opened = authenticate(card);
    const uint32_t jump = opened == SC_SUCCESS ? channel_state_end(&c->memory, sequence) : 0;
    if (jump > 0)
        warn_jump(card, jump, sequence);
    return opened;
}

static int open_channel(sc_card_t *card) {
    se_channel *c = &se_of(card)->channel;
    uint8_t challenge[SCP03_CHALLENGE];
    buffer answer = BUFFER_INIT(SHORT_LE_MAX);
    status_word sw;
    c->open = false;
    c->refusal = SE_STATE_USABLE;
    se_of(card)->selected = (sc_path_t){0};
    scp03_wipe(&c->session);
    if (getrandom(challenge, sizeof challenge, 0) != (ssize_t)sizeof challenge)
        return fail(card, SC_ERROR_INTERNAL, "the random number generator failed");
    channel_state_begin(&c->memory);
    int code = initialize_update(card, challenge, &answer, &sw);
    if (code != SC_SUCCESS)
        c->problem = code;
    else if (sw == SW_REFERENCE_NOT_FOUND || sw == SW_INS_UNSUPPORTED || sw == SW_CLA_UNSUPPORTED)
        code = refuse(card, SE_STATE_NOT_BOUND,
                      "the SE is not bound to any terminal, but this terminal has a binding key: "
                      "another SE, or one that was never paired (uketsuke-se-tool pair)");
    else if (sw != SW_OK && sw != SW_CONDITIONS)
        code = fail(card, SC_ERROR_CARD_UNRESPONSIVE, "the SE cannot open a secure channel just now");
    else if (sw != SW_OK)
        code = refuse(card, SE_STATE_LOCKED,
                      "the SE refuses a secure channel: it is locked or terminated "
                      "(uketsuke-se-tool status)");
    else
        code = begin_session(card, challenge, buffer_bytes(&answer));
    buffer_wipe(&answer);
    return code;
}

void se_channel_resume(sc_card_t *card, bool was_reset) {
    se_channel *c = &se_of(card)->channel;
    if (!c->wanted)
        return;
    if (was_reset || !c->open || !channel_state_is_ours(&c->memory))
        open_channel(card);
}

int se_channel_begin(sc_card_t *card) {
    se_channel *c = &se_of(card)->channel;
    int code = sc_lock(card);
    if (code != SC_SUCCESS || !c->wanted)
        return code;
    card->sm_ctx.sm_mode = SM_MODE_TRANSMIT;
    if (c->open)
        return SC_SUCCESS;
    sc_unlock(card);
    return c->problem != SC_SUCCESS ? c->problem : SC_ERROR_CARD_UNRESPONSIVE;
}

/* --- --- one command ---------------------------------------------------------------------------------------------- */

/* Whole blocks and the MAC. */
static size_t wrapped_length(size_t length) {
    return (length / SCP03_BLOCK + 1) * SCP03_BLOCK + SCP03_MAC;
}

/* The answer always has data, at least the MAC. Le is for the first part; GET RESPONSE fetches what exceeds it, up to
 * the caller's buffer. */
static void set_answer(const sc_card_t *card, const sc_apdu_t *plain, se_channel *c) {
    size_t max = wrapped_length(plain->le),
           room = wrapped_length(plain->resplen > plain->le ? plain->resplen : plain->le);
    bool extended = card->caps & SC_CARD_CAP_APDU_EXT && (max > SHORT_LE_MAX || c->data.length > SE_SHORT_DATA_MAX);
    c->apdu.cse = extended ? SC_APDU_CASE_4_EXT : SC_APDU_CASE_4_SHORT;
    c->apdu.le = max > SHORT_LE_MAX && !extended ? SHORT_LE_MAX : max;
    buffer_clear(&c->answer);
    c->apdu.resplen = room < SHORT_LE_MAX ? SHORT_LE_MAX : room;
    c->apdu.resp = buffer_extend(&c->answer, c->apdu.resplen);
}

static int wrap(sc_card_t *card, sc_apdu_t *plain, sc_apdu_t **wrapped) {
    se_channel *c = &se_of(card)->channel;
    uint8_t header[] = {plain->cla, plain->ins, plain->p1, plain->p2};
    if (!c->open)
        return c->problem != SC_SUCCESS ? c->problem : SC_ERROR_CARD_UNRESPONSIVE;
    buffer_clear(&c->data);
    if (scp03_host_wrap(&c->session, header, bytes_of(plain->data, plain->datalen), &c->data) != RESULT_OK)
        return fail(card, SC_ERROR_CARD_UNRESPONSIVE, "a command does not fit into the secure channel");
    c->apdu = (sc_apdu_t){.cla = header[0], .ins = header[1], .p1 = header[2], .p2 = header[3]};
    c->apdu.data = c->data.data;
    c->apdu.lc = c->apdu.datalen = c->data.length;
    set_answer(card, plain, c);
    *wrapped = &c->apdu;
    return c->apdu.resp == NULL ? SC_ERROR_OUT_OF_MEMORY : SC_SUCCESS;
}

static int unwrap(sc_card_t *card, sc_apdu_t *plain) {
    se_channel *c = &se_of(card)->channel;
    buffer data = BUFFER_INIT(ANSWER_MAX);
    status_word sw = (status_word)(c->apdu.sw1 << 8 | c->apdu.sw2);
    int code = SC_SUCCESS;
    if (sw == SW_MORE_DATA)
        return fail(card, SC_ERROR_CARD_UNRESPONSIVE, "the SE's answer is not complete");
    if (scp03_host_unwrap(&c->session, bytes_of(c->apdu.resp, c->apdu.resplen), sw, &data) != RESULT_OK)
        code = fail(card, SC_ERROR_CARD_UNRESPONSIVE, "the SE's answer is not authentic: the secure channel is closed");
    if (code == SC_SUCCESS) {
        bytes part = bytes_slice(buffer_bytes(&data), 0, plain->resplen); /* whole blocks exceed the requested length */
        if (part.length > 0)
            memcpy(plain->resp, part.data, part.length);
        plain->resplen = part.length;
        plain->sw1 = c->apdu.sw1;
        plain->sw2 = c->apdu.sw2;
    }
    buffer_wipe(&data);
    return code;
}

/* The SE has no channel: another program has selected the application or begun a channel without finishing it. The
 * command was not executed. */
static bool channel_is_gone(const se_channel *c) {
    status_word sw = (status_word)(c->apdu.sw1 << 8 | c->apdu.sw2);
    return sw == SW_SM_UNSUPPORTED || sw == SW_SM_MISSING || sw == SW_SM_INCORRECT;
}

static int send_again(sc_card_t *card, sc_apdu_t *plain) {
    sc_apdu_t *wrapped = NULL;
    se_of(card)->disturbances++;
    int code = open_channel(card);
    if (code == SC_SUCCESS)
        code = wrap(card, plain, &wrapped);
    if (code == SC_SUCCESS) {
        wrapped->flags |= SC_APDU_FLAGS_NO_SM | SC_APDU_FLAGS_NO_RETRY_WL;
        code = sc_transmit_apdu(card, wrapped);
    }
    return code == SC_SUCCESS ? unwrap(card, plain) : code;
}

/* OpenSC calls this also for a command without an answer: then there is no status word. */
static int finish_command(sc_card_t *card, sc_apdu_t *plain, sc_apdu_t **wrapped) {
    se_channel *c = &se_of(card)->channel;
    int code = SC_SUCCESS;
    *wrapped = NULL;
    if (c->apdu.sw1 == 0) {
        c->open = false;
        c->problem = SC_ERROR_CARD_UNRESPONSIVE;
    } else {
        code = channel_is_gone(c) ? send_again(card, plain) : unwrap(card, plain);
    }
    buffer_wipe(&c->data);
    buffer_wipe(&c->answer);
    return code;
}

/* --- --- beginning and end ---------------------------------------------------------------------------------------- */

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* What both reader and SE support, less padding and MAC. OpenSC splits longer data into several commands. */
void se_channel_set_sizes(sc_card_t *card) {
    if (!(card->caps & SC_CARD_CAP_APDU_EXT)) {
        card->max_send_size = SE_SHORT_DATA_MAX - SCP03_OVERHEAD;
        card->max_recv_size = SHORT_LE_MAX - SCP03_OVERHEAD + SCP03_MAC - 1; /* whole blocks and the MAC are 248 */
        return;
    }
    card->max_send_size = smaller(card->reader->max_send_size - SCP03_OVERHEAD - EXTENDED_FIELDS, WHOLE_MAX);
    card->max_recv_size = smaller(card->reader->max_recv_size - SCP03_OVERHEAD - EXTENDED_FIELDS, WHOLE_MAX);
}

static void use_keys(sc_card_t *card, const scp03_keys *keys) {
    se_channel *c = &se_of(card)->channel;
    c->keys = *keys;
    c->wanted = true;
    c->open = false;
    c->data = BUFFER_INIT(ANSWER_MAX);
    c->answer = BUFFER_INIT(ANSWER_MAX);
    channel_state_close(&c->memory);
    card->sm_ctx.ops.get_sm_apdu = wrap;
    card->sm_ctx.ops.free_sm_apdu = finish_command;
}

static void remember(sc_card_t *card, const char *key_path) {
    if (channel_state_open(&se_of(card)->channel.memory, key_path) != RESULT_OK)
        sc_log(card->ctx, "cannot open %s.state: a new channel for every operation", key_path);
}

int se_channel_open(sc_card_t *card, const se_channel_request *request) {
    use_keys(card, request->keys);
    if (request->key_path != NULL)
        remember(card, request->key_path);
    card->sm_ctx.sm_mode = SM_MODE_TRANSMIT;
    return open_channel(card);
}

int se_channel_configure(sc_card_t *card) {
    se_channel *c = &se_of(card)->channel;
    const char *path = binding_key_option(card);
    scp03_keys keys;
    c->memory.file = -1;
    if (path == NULL)
        return SC_SUCCESS;
    result code = key_file_read(path, &keys);
    if (code != RESULT_OK) {
        se_tell(card, "binding key %s: %s", path,
                code == RESULT_NOT_FOUND ? "there is no such file; uketsuke-se-tool pair makes it"
                : code == RESULT_REFUSED ? "other users can read it or write to its folder (chmod 600; chmod go-w)"
                                         : "not a key set (version, enc, mac, dek)");
        return SC_ERROR_WRONG_CARD;
    }
    use_keys(card, &keys);
    scp03_keys_wipe(&keys);
    remember(card, path);
    return SC_SUCCESS;
}

void se_channel_free(sc_card_t *card) {
    se_channel *c = &se_of(card)->channel;
    channel_state_close(&c->memory);
    buffer_wipe(&c->data);
    buffer_wipe(&c->answer);
    scp03_keys_wipe(&c->keys);
    scp03_wipe(&c->session);
    card->sm_ctx.sm_mode = SM_MODE_NONE;
}

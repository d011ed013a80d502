/* The Secure Element: what arrives, and which handler it is for. */
#include "element.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/atr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define INS_GET_RESPONSE 0xC0
#define INS_SELECT 0xA4
#define LINE_MOST 128

/* Secure messaging (SCP03: INITIALIZE UPDATE 80 50, EXTERNAL AUTHENTICATE 84 82) will unwrap before this table. */
static const struct {
    uint8_t ins;
    se_handler *handler;
} commands[] = {
    {INS_SELECT, se_select},
    {0xB0, se_read_binary},
    {0xD6, se_update_binary},
    {0xE0, se_create_file},
    {0xE4, se_delete_file},
    {0xCA, se_get_data},
    {0x84, se_get_challenge},
    {0x20, se_verify},
    {0x24, se_change_reference_data},
    {0x2C, se_reset_retry_counter},
    {0x22, se_manage_security_environment},
    {0x2A, se_perform_security_operation},
    {0x46, se_generate_key},
    {0xDB, se_put_data},
};

static status_word dispatch(card *c, const apdu_command *command, buffer *answer) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].ins != command->ins)
            continue;
        if (!c->application_selected && command->ins != INS_SELECT)
            return SW_INS_UNSUPPORTED;
        return commands[i].handler(c, command, answer);
    }
    return SW_INS_UNSUPPORTED;
}

/* As much of what waits as fits into Le; the rest stays for GET RESPONSE (ISO/IEC 7816-4 11.7.1). */
static status_word give(card *c, uint32_t le, buffer *response) {
    bytes all = buffer_bytes(&c->waiting);
    bytes now = bytes_slice(all, 0, le);
    size_t left = all.length - now.length;
    buffer rest = BUFFER_INIT(c->waiting.bound);
    if (buffer_append(response, now) != RESULT_OK ||
        buffer_append(&rest, bytes_slice(all, now.length, left)) != RESULT_OK)
        return SW_UNKNOWN;
    buffer_wipe(&c->waiting);
    c->waiting = rest;
    return left == 0 ? SW_OK : (status_word)(SW_MORE_DATA | (left > 0xFF ? 0 : left));
}

static status_word get_response(card *c, const apdu_command *command, buffer *response) {
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    return c->waiting.length == 0 ? SW_CONDITIONS : give(c, command->le, response);
}

static status_word run(card *c, bytes raw, buffer *response) {
    apdu_command command;
    bool whole;
    if (apdu_parse(raw, &command) != RESULT_OK)
        return SW_WRONG_LENGTH;
    if ((command.cla & ~APDU_CLA_CHAINED) != 0)
        return command.cla & 0x80   ? SW_CLA_UNSUPPORTED
               : command.cla & 0x0C ? SW_SM_UNSUPPORTED
                                    : SW_CHANNEL_UNSUPPORTED;
    if (command.ins == INS_GET_RESPONSE)
        return get_response(c, &command, response);
    buffer_clear(&c->waiting);
    if (apdu_chain_feed(&c->chain, &command, &whole) != RESULT_OK)
        return SW_WRONG_LENGTH;
    if (!whole)
        return SW_OK;
    status_word sw = dispatch(c, &command, &c->waiting);
    if (sw != SW_OK) {
        buffer_clear(&c->waiting);
        return sw;
    }
    return give(c, command.le, response);
}

static void element_transmit(card *c, bytes raw, buffer *response) {
    status_word sw = run(c, raw, response);
    if (!c->chain.open)
        apdu_chain_reset(&c->chain); /* the data may have been a PIN or a key */
    buffer_append_u16(response, sw);
}

static void element_reset(card *c) {
    se_pins_forget(&c->pins, SE_PIN);
    se_pins_forget(&c->pins, SE_PUK);
    c->application_selected = false;
    c->environment.template = NO_TEMPLATE;
    se_files_reset(&c->files);
    apdu_chain_reset(&c->chain);
    buffer_wipe(&c->waiting);
}

static void element_close(card **closed) {
    card *c = *closed;
    if (c == NULL)
        return;
    apdu_chain_reset(&c->chain);
    buffer_wipe(&c->waiting);
    se_files_free(&c->files);
    se_pins_wipe(&c->pins);
    se_keys_free(&c->keys);
    buffer_wipe(&c->atr);
    buffer_wipe(&c->serial);
    free(c->counter_path);
    if (c->lock >= 0)
        close(c->lock);
    free(c);
    *closed = NULL;
}

static result read_line(const char *folder, const char *name, buffer *line) {
    char *path = file_join(folder, name);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, line);
    free(path);
    const uint8_t *end = code == RESULT_OK && line->length > 0 ? memchr(line->data, '\n', line->length) : NULL;
    if (end != NULL)
        buffer_truncate(line, (size_t)(end - line->data));
    return code;
}

static result load_atr(card *c, const char *folder) {
    buffer line = BUFFER_INIT(LINE_MOST);
    atr parsed;
    result code = read_line(folder, "atr", &line);
    if (code == RESULT_OK)
        code = hex_decode(buffer_text(&line), &c->atr);
    if (code == RESULT_OK)
        code = atr_parse(buffer_bytes(&c->atr), &parsed);
    buffer_wipe(&line);
    return code;
}

static result load_counter(card *c, const char *state) {
    buffer stored = BUFFER_INIT(4);
    c->counter_path = file_join(state, "signatures");
    result code = c->counter_path == NULL ? RESULT_NO_MEMORY : file_read(c->counter_path, &stored);
    if (code == RESULT_OK && stored.length == 4)
        c->signatures = (uint32_t)stored.data[0] << 24 | (uint32_t)stored.data[1] << 16 |
                        (uint32_t)stored.data[2] << 8 | stored.data[3];
    else if (code == RESULT_OK)
        code = RESULT_INVALID;
    buffer_wipe(&stored);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

static result take_lock(card *c, const char *state) {
    char *path = file_join(state, "lock");
    if (path != NULL)
        c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    return c->lock >= 0 && flock(c->lock, LOCK_EX | LOCK_NB) == 0 ? RESULT_OK : RESULT_UNAVAILABLE;
}

static result load_state(card *c, const char *state, const char **problem) {
    result code = file_make_folders(state, 0700);
    *problem = "state/ cannot be made or written";
    if (code == RESULT_OK && (code = take_lock(c, state)) != RESULT_OK)
        *problem = "state/lock is held: the SE is in another reader";
    if (code == RESULT_OK && (code = se_files_load(&c->files, state)) != RESULT_OK)
        *problem = "state/file-*: a file of the SE is damaged; issue and personalise it anew";
    if (code == RESULT_OK && (code = se_pins_load(&c->pins, state)) != RESULT_OK)
        *problem = "state/: a PIN or its try counter is damaged; issue and personalise the SE anew";
    if (code == RESULT_OK && (code = se_keys_load(&c->keys, state)) != RESULT_OK)
        *problem = "state/key-*: a private key is damaged; issue and personalise the SE anew";
    if (code == RESULT_OK && (code = load_counter(c, state)) != RESULT_OK)
        *problem = "state/signatures: the signature counter is damaged; issue and personalise the SE anew";
    return code;
}

static result element_open(const char *folder, card **opened, const char **problem) {
    *opened = NULL;
    *problem = "memory is out";
    card *c = calloc(1, sizeof *c);
    char *state = file_join(folder, "state");
    if (c == NULL || state == NULL) {
        free(c);
        free(state);
        return RESULT_NO_MEMORY;
    }
    *c = (card){.lock = -1,
                .atr = BUFFER_INIT(ATR_MOST),
                .serial = BUFFER_INIT(SERIAL_MOST + 1),
                .chain.data = BUFFER_INIT(COMMAND_DATA_MOST),
                .waiting = BUFFER_INIT(ANSWER_MOST)};
    result code = load_atr(c, folder);
    if (code != RESULT_OK)
        *problem = "atr: missing, or no answer to reset in hexadecimal";
    else if ((code = read_line(folder, "card-id", &c->serial)) != RESULT_OK || c->serial.length == 0 ||
             c->serial.length > SERIAL_MOST) {
        code = RESULT_INVALID;
        *problem = "card-id: missing, or not 1 to 16 characters";
    }
    if (code == RESULT_OK)
        code = load_state(c, state, problem);
    free(state);
    if (code == RESULT_OK) {
        element_reset(c);
        *opened = c;
    } else {
        element_close(&c);
    }
    return code;
}

static bytes element_answer_to_reset(const card *c) {
    return buffer_bytes(&c->atr);
}

const card_personality secure_element_personality = {
    "se", element_open, element_answer_to_reset, element_reset, element_transmit, element_close, NULL,
};

/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions pcscd calls (IFD Handler 3.0, ifdhandler.h): find the reader, check the arguments, call slot.c or
 * properties.c, translate the result. Nothing here aborts, logs an APDU, or changes state of the process. */
#include "properties.h"
#include "slot.h"

#include <ifdhandler.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* Never freed: a late call finds a closed slot, not freed memory. */
static slot slots[PROPERTIES_READERS_MAX] = {[0 ... PROPERTIES_READERS_MAX - 1] = SLOT_CLOSED};
static bool taken[PROPERTIES_READERS_MAX];
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

/* Indexed by result, for all calls except presence. */
static const RESPONSECODE codes[] = {
    [RESULT_OK] = IFD_SUCCESS,
    [RESULT_REMOVED] = IFD_ICC_NOT_PRESENT,
    [RESULT_TIMEOUT] = IFD_RESPONSE_TIMEOUT,
    [RESULT_TOO_LONG] = IFD_ERROR_INSUFFICIENT_BUFFER,
    [RESULT_NOT_FOUND] = IFD_ERROR_TAG,
    [RESULT_REFUSED] = IFD_ERROR_POWER_ACTION,
    [RESULT_UNSUPPORTED] = IFD_ERROR_NOT_SUPPORTED,
    [RESULT_INTERNAL] = 0,
};

static RESPONSECODE code_of(result code) {
    return code == RESULT_OK ? IFD_SUCCESS : codes[code] != 0 ? codes[code] : IFD_COMMUNICATION_ERROR;
}

/* The reader with pcscd's number (0xRRRRSSSS), or NULL. */
static slot *find(DWORD lun) {
    slot *found = NULL;
    pthread_mutex_lock(&registry);
    for (size_t i = 0; i < PROPERTIES_READERS_MAX && found == NULL; i++)
        if (taken[i] && slots[i].lun == lun)
            found = &slots[i];
    pthread_mutex_unlock(&registry);
    return found;
}

static RESPONSECODE wait_for_event(unsigned long lun, int timeout_ms) {
    slot *s = find(lun);
    if (s == NULL)
        return IFD_NO_SUCH_DEVICE;
    slot_wait(s, timeout_ms);
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(unsigned long lun) {
    slot *s = find(lun);
    if (s != NULL)
        slot_stop(s);
    return IFD_SUCCESS;
}

const struct property_functions property_functions = {wait_for_event, stop_waiting};

EXPORT RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName) {
    RESPONSECODE code = IFD_COMMUNICATION_ERROR;
    if (DeviceName == NULL || find(Lun) != NULL)
        return code;
    pthread_mutex_lock(&registry);
    for (size_t i = 0; i < PROPERTIES_READERS_MAX; i++) {
        if (taken[i])
            continue;
        taken[i] = slot_open(&slots[i], Lun, DeviceName) == RESULT_OK;
        code = taken[i] ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
        break;
    }
    pthread_mutex_unlock(&registry);
    return code;
}

/* A channel number cannot name a socket: the reader needs a DEVICENAME. */
EXPORT RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel) {
    (void)Lun;
    (void)Channel;
    return IFD_NO_SUCH_DEVICE;
}

EXPORT RESPONSECODE IFDHCloseChannel(DWORD Lun) {
    slot *s = find(Lun);
    if (s == NULL)
        return IFD_NO_SUCH_DEVICE;
    slot_close(s);
    pthread_mutex_lock(&registry);
    taken[s - slots] = false;
    pthread_mutex_unlock(&registry);
    return IFD_SUCCESS;
}

EXPORT RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value) {
    if (Length == NULL || Value == NULL)
        return IFD_COMMUNICATION_ERROR;
    buffer out = BUFFER_INIT(256);
    result code = properties_of_tag((uint32_t)Tag, find(Lun), &out);
    if (code == RESULT_OK && out.length > *Length)
        code = RESULT_TOO_LONG;
    *Length = code == RESULT_OK ? out.length : 0;
    if (code == RESULT_OK)
        memcpy(Value, out.data, out.length);
    buffer_wipe(&out);
    return code_of(code);
}

EXPORT RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value) {
    (void)Lun;
    (void)Tag;
    (void)Length;
    (void)Value;
    return IFD_ERROR_TAG;
}

/* The backend knows its card's protocol; APDUs pass unchanged in both. */
EXPORT RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2,
                                              UCHAR PTS3) {
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    if (find(Lun) == NULL)
        return IFD_NO_SUCH_DEVICE;
    return Protocol == SCARD_PROTOCOL_T0 || Protocol == SCARD_PROTOCOL_T1 ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED;
}

EXPORT RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength) {
    slot *s = find(Lun);
    uint8_t atr[CARDLINK_ATR_MAX];
    size_t length = 0;
    result code = RESULT_UNSUPPORTED;
    if (s == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (Atr == NULL || AtrLength == NULL)
        return IFD_COMMUNICATION_ERROR;
    DWORD room = *AtrLength;
    *AtrLength = 0;
    if (Action == IFD_POWER_DOWN)
        code = slot_power_down(s);
    else if (Action == IFD_POWER_UP || Action == IFD_RESET)
        code = slot_power(s, Action == IFD_RESET ? CARDLINK_RESET : CARDLINK_POWER_UP, atr, &length);
    /* pcscd's buffer holds MAX_ATR_SIZE; some versions pass 0 here. */
    if (code == RESULT_OK && length > (room != 0 ? room : MAX_ATR_SIZE))
        code = RESULT_TOO_LONG;
    if (code == RESULT_OK) {
        memcpy(Atr, atr, length);
        *AtrLength = length;
    }
    bool said = code == RESULT_OK || code == RESULT_UNSUPPORTED || code == RESULT_REMOVED;
    return said ? code_of(code) : IFD_ERROR_POWER_ACTION;
}

EXPORT RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
                                      PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci) {
    slot *s = find(Lun);
    if (RxLength == NULL)
        return IFD_COMMUNICATION_ERROR;
    size_t room = *RxLength;
    *RxLength = 0;
    if (s == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (TxBuffer == NULL || RxBuffer == NULL)
        return IFD_COMMUNICATION_ERROR;
    result code = slot_transmit(s, bytes_of(TxBuffer, TxLength), RxBuffer, &room);
    if (code == RESULT_OK) {
        *RxLength = room;
        if (RecvPci != NULL)
            RecvPci->Protocol = SendPci.Protocol;
    }
    return code_of(code);
}

EXPORT RESPONSECODE IFDHICCPresence(DWORD Lun) {
    slot *s = find(Lun);
    return s != NULL && slot_presence(s) ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

EXPORT RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
                                DWORD RxLength, LPDWORD pdwBytesReturned) {
    (void)TxBuffer;
    (void)TxLength;
    if (pdwBytesReturned == NULL || RxBuffer == NULL)
        return IFD_COMMUNICATION_ERROR;
    *pdwBytesReturned = 0;
    if (find(Lun) == NULL)
        return IFD_NO_SUCH_DEVICE;
    buffer out = BUFFER_INIT(256);
    result code = properties_control((uint32_t)dwControlCode, &out);
    if (code == RESULT_OK && out.length > RxLength)
        code = RESULT_TOO_LONG;
    if (code == RESULT_OK) {
        memcpy(RxBuffer, out.data, out.length);
        *pdwBytesReturned = out.length;
    }
    buffer_wipe(&out);
    return code_of(code);
}

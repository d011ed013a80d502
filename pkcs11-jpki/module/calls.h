/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every forwarded C_ function, one row each: name, parameters, arguments, and what must hold of the arguments
 * (arguments.h). Rows are in the order of PKCS #11 2.40, chapter 5.
 *
 * CHECKED_CALLS have one more column: the check of validate.h or mechanism.h before the call is forwarded. Calls that do
 * more than forward are functions: about the module and its slots in module.c, about sessions in session_calls.c. */
#pragma once

#define SESSION CK_SESSION_HANDLE session
#define OBJECT CK_OBJECT_HANDLE
#define DATA CK_BYTE_PTR
#define LENGTH CK_ULONG
#define ROOM CK_ULONG_PTR
#define HANDLE CK_OBJECT_HANDLE_PTR
#define METHOD CK_MECHANISM_PTR method
#define TEMPLATE CK_ATTRIBUTE_PTR

#define FORWARDED_CALLS(CALL)                                                                                          \
    CALL(GetOperationState, (SESSION, DATA state, ROOM length), (session, state, length), GIVEN(length))               \
    CALL(SetOperationState, (SESSION, DATA state, LENGTH length, OBJECT encryption, OBJECT authentication),            \
         (session, state, length, encryption, authentication), FILLED(state, length))                                  \
    CALL(CopyObject, (SESSION, OBJECT object, TEMPLATE list, LENGTH count, HANDLE copy),                               \
         (session, object, list, count, copy), WHOLE(list, count) && GIVEN(copy))                                      \
    CALL(DestroyObject, (SESSION, OBJECT object), (session, object), true)                                             \
    CALL(GetObjectSize, (SESSION, OBJECT object, ROOM size), (session, object, size), GIVEN(size))                     \
    CALL(SetAttributeValue, (SESSION, OBJECT object, TEMPLATE list, LENGTH count), (session, object, list, count),     \
         WHOLE(list, count))                                                                                           \
    CALL(FindObjectsInit, (SESSION, TEMPLATE list, LENGTH count), (session, list, count), WHOLE(list, count))          \
    CALL(FindObjects, (SESSION, HANDLE list, LENGTH max, ROOM count), (session, list, max, count),                     \
         FILLED(list, max) && GIVEN(count))                                                                            \
    CALL(FindObjectsFinal, (SESSION), (session), true)                                                                 \
    CALL(Encrypt, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),            \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(EncryptUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),      \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(EncryptFinal, (SESSION, DATA out, ROOM room), (session, out, room), GIVEN(room))                              \
    CALL(Decrypt, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),            \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(DecryptUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),      \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(DecryptFinal, (SESSION, DATA out, ROOM room), (session, out, room), GIVEN(room))                              \
    CALL(Digest, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),             \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(DigestUpdate, (SESSION, DATA in, LENGTH length), (session, in, length), FILLED(in, length))                   \
    CALL(DigestKey, (SESSION, OBJECT key), (session, key), true)                                                       \
    CALL(DigestFinal, (SESSION, DATA out, ROOM room), (session, out, room), GIVEN(room))                               \
    CALL(SignRecoverInit, (SESSION, METHOD, OBJECT key), (session, method, key), MECHANISM(method))                    \
    CALL(SignRecover, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),        \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(Verify, (SESSION, DATA in, LENGTH length, DATA signature, LENGTH signature_length),                           \
         (session, in, length, signature, signature_length), FILLED(in, length) && GIVEN(signature))                   \
    CALL(VerifyUpdate, (SESSION, DATA in, LENGTH length), (session, in, length), FILLED(in, length))                   \
    CALL(VerifyFinal, (SESSION, DATA signature, LENGTH length), (session, signature, length), GIVEN(signature))        \
    CALL(VerifyRecoverInit, (SESSION, METHOD, OBJECT key), (session, method, key), MECHANISM(method))                  \
    CALL(VerifyRecover, (SESSION, DATA signature, LENGTH length, DATA out, ROOM room),                                 \
         (session, signature, length, out, room), GIVEN(signature) && GIVEN(room))                                     \
    CALL(DigestEncryptUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room),                                  \
         (session, in, length, out, room), FILLED(in, length) && GIVEN(room))                                          \
    CALL(DecryptDigestUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room),                                  \
         (session, in, length, out, room), FILLED(in, length) && GIVEN(room))                                          \
    CALL(SignEncryptUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room), (session, in, length, out, room),  \
         FILLED(in, length) && GIVEN(room))                                                                            \
    CALL(DecryptVerifyUpdate, (SESSION, DATA in, LENGTH length, DATA out, ROOM room),                                  \
         (session, in, length, out, room), FILLED(in, length) && GIVEN(room))                                          \
    CALL(GenerateKey, (SESSION, METHOD, TEMPLATE list, LENGTH count, HANDLE key), (session, method, list, count, key), \
         MECHANISM(method) && WHOLE(list, count) && GIVEN(key))                                                        \
    CALL(GenerateRandom, (SESSION, DATA random, LENGTH length), (session, random, length), FILLED(random, length))     \
    CALL(GetFunctionStatus, (SESSION), (session), true)                                                                \
    CALL(CancelFunction, (SESSION), (session), true)

#define CHECKED_CALLS(CALL)                                                                                            \
    CALL(SetPIN, (SESSION, DATA old, LENGTH old_length, DATA pin, LENGTH length),                                      \
         (session, old, old_length, pin, length), FILLED(old, old_length) && FILLED(pin, length),                      \
         about.place->user == SLOT_OFFICER ? CKR_OK : check_old_pin(stock, about.place->stock, old_length))            \
    CALL(EncryptInit, (SESSION, METHOD, OBJECT key), (session, method, key), MECHANISM(method),                        \
         mechanism_begins(stock, about.place->stock, method, CKF_ENCRYPT))                                             \
    CALL(DecryptInit, (SESSION, METHOD, OBJECT key), (session, method, key), MECHANISM(method),                        \
         mechanism_begins(stock, about.place->stock, method, CKF_DECRYPT))                                             \
    CALL(DigestInit, (SESSION, METHOD), (session, method), MECHANISM(method),                                          \
         mechanism_begins(stock, about.place->stock, method, CKF_DIGEST))                                              \
    CALL(VerifyInit, (SESSION, METHOD, OBJECT key), (session, method, key), MECHANISM(method),                         \
         mechanism_begins(stock, about.place->stock, method, CKF_VERIFY))                                              \
    CALL(GenerateKeyPair,                                                                                              \
         (SESSION, METHOD, TEMPLATE open, LENGTH open_count, TEMPLATE secret, LENGTH secret_count, HANDLE open_key,    \
          HANDLE secret_key),                                                                                          \
         (session, method, open, open_count, secret, secret_count, open_key, secret_key),                              \
         MECHANISM(method) && WHOLE(open, open_count) && WHOLE(secret, secret_count) && GIVEN(open_key) &&             \
             GIVEN(secret_key),                                                                                        \
         mechanism_makes(stock, about.place->stock, method, open, open_count, secret, secret_count))                   \
    CALL(WrapKey, (SESSION, METHOD, OBJECT wrapping, OBJECT key, DATA out, ROOM room),                                 \
         (session, method, wrapping, key, out, room), MECHANISM(method) && GIVEN(room),                                \
         mechanism_begins(stock, about.place->stock, method, CKF_WRAP))                                                \
    CALL(UnwrapKey,                                                                                                    \
         (SESSION, METHOD, OBJECT unwrapping, DATA in, LENGTH length, TEMPLATE list, LENGTH count, HANDLE key),        \
         (session, method, unwrapping, in, length, list, count, key),                                                  \
         MECHANISM(method) && FILLED(in, length) && WHOLE(list, count) && GIVEN(key),                                  \
         mechanism_begins(stock, about.place->stock, method, CKF_UNWRAP))                                              \
    CALL(DeriveKey, (SESSION, METHOD, OBJECT base, TEMPLATE list, LENGTH count, HANDLE key),                           \
         (session, method, base, list, count, key), MECHANISM(method) && WHOLE(list, count) && GIVEN(key),             \
         mechanism_begins(stock, about.place->stock, method, CKF_DERIVE))                                              \
    CALL(InitToken, (CK_SLOT_ID slot, DATA pin, LENGTH length, DATA label), (slot, pin, length, label),                \
         FILLED(pin, length) && GIVEN(label), check_beginning(stock, slot, label))                                     \
    CALL(SeedRandom, (SESSION, DATA seed, LENGTH length), (session, seed, length), FILLED(seed, length),               \
         check_seed(stock, about.place->stock))

#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests/strangers/pykcs11.test asks of PyKCS11: one action, words on standard output.

Usage: pykcs11.py MODULE ACTION TOKEN-LABEL [PIN-FILE [KEY-ID MECHANISM INPUT OUTPUT]]
Actions: mechanisms, objects, sign, decrypt, login. The token's label may be its beginning."""
import sys

import PyKCS11
from PyKCS11 import CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, LowLevel


def open_token(library, label):
    for slot in library.getSlotList(tokenPresent=True):
        if library.getTokenInfo(slot).label.startswith(label):
            return slot, library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    sys.exit(f"no token {label}")


def mechanism(name):
    if name == "RSA-PKCS-PSS":
        return PyKCS11.RSA_PSS_Mechanism(LowLevel.CKM_SHA256_RSA_PKCS_PSS, LowLevel.CKM_SHA256,
                                         LowLevel.CKG_MGF1_SHA256, 32)
    return PyKCS11.Mechanism({"RSA-PKCS": CKM_RSA_PKCS, "SHA256-RSA-PKCS": CKM_SHA256_RSA_PKCS}[name], None)


def find_key(session, key_id):
    wanted = [(LowLevel.CKA_CLASS, LowLevel.CKO_PRIVATE_KEY), (LowLevel.CKA_ID, bytes.fromhex(key_id))]
    keys = session.findObjects(wanted)
    return keys[0] if keys else sys.exit(f"no private key {key_id}")


def show_mechanisms(library, slot):
    for name in library.getMechanismList(slot):
        info = library.getMechanismInfo(slot, name)
        print(name, info.ulMinKeySize, info.ulMaxKeySize, *info.flags2text())


def show_objects(session):
    for each in session.findObjects():
        label, secret = session.getAttributeValue(each, [LowLevel.CKA_LABEL, LowLevel.CKA_PRIVATE])
        kind = session.getAttributeValue(each, [LowLevel.CKA_CLASS])[0]
        print(PyKCS11.CKO[kind], label, "private" if secret else "public")


def use_key(session, action, key_id, name, source, target):
    with open(source, "rb") as file:
        given = file.read()
    key = find_key(session, key_id)
    work = session.sign if action == "sign" else session.decrypt
    with open(target, "wb") as file:
        file.write(bytes(work(key, given, mechanism(name))))


def main(path, action, label, pin_file=None, *rest):
    library = PyKCS11.PyKCS11Lib()
    library.load(path)
    slot, session = open_token(library, label)
    if pin_file is not None:
        with open(pin_file, encoding="ascii") as file:
            session.login(file.read())
    if action == "mechanisms":
        show_mechanisms(library, slot)
    elif action == "objects":
        show_objects(session)
    elif action in ("sign", "decrypt"):
        use_key(session, action, *rest)
    if pin_file is not None:
        session.logout()
    session.closeSession()


main(*sys.argv[1:])

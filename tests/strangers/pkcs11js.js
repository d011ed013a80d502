// SPDX-FileCopyrightText: 2026 The Uketsuke contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What tests/strangers/pkcs11js.test asks of node's pkcs11js: one action, words on standard output.
//
// Usage: node pkcs11js.js MODULE ACTION TOKEN-LABEL [PIN-FILE [KEY-ID MECHANISM INPUT OUTPUT]]
// Actions: mechanisms, objects, sign, decrypt, login. The token's label may be its beginning.
"use strict";
const fs = require("fs");
const pkcs11js = require("pkcs11js");

function openToken(library, label) {
  const slot = library.C_GetSlotList(true).find(
    (each) => library.C_GetTokenInfo(each).label.startsWith(label));
  if (slot === undefined) throw new Error(`no token ${label}`);
  const flags = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION;
  return [slot, library.C_OpenSession(slot, flags)];
}

function mechanismOf(name) {
  if (name === "RSA-PKCS-PSS") {
    return {
      mechanism: pkcs11js.CKM_SHA256_RSA_PKCS_PSS,
      parameter: { type: pkcs11js.CK_PARAMS_RSA_PSS, hashAlg: pkcs11js.CKM_SHA256, mgf: pkcs11js.CKG_MGF1_SHA256,
                   saltLen: 32 },
    };
  }
  return { mechanism: { "RSA-PKCS": pkcs11js.CKM_RSA_PKCS, "SHA256-RSA-PKCS": pkcs11js.CKM_SHA256_RSA_PKCS }[name] };
}

function findObjects(library, session, template) {
  library.C_FindObjectsInit(session, template);
  const found = [];
  for (let each; (each = library.C_FindObjects(session)); ) found.push(each);
  library.C_FindObjectsFinal(session);
  return found;
}

function findKey(library, session, id) {
  const keys = findObjects(library, session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_ID, value: Buffer.from(id, "hex") },
  ]);
  if (keys.length === 0) throw new Error(`no private key ${id}`);
  return keys[0];
}

function showMechanisms(library, slot) {
  for (const type of library.C_GetMechanismList(slot)) {
    const info = library.C_GetMechanismInfo(slot, type);
    const signs = (info.flags & pkcs11js.CKF_SIGN) !== 0 ? "signs" : "";
    console.log(`0x${type.toString(16)} ${info.minKeySize} ${info.maxKeySize} ${signs}`);
  }
}

// Only storage objects have a label (PKCS #11 v3.0, 4.3 and 4.4): a profile, for example, has none.
function labelOf(library, session, object) {
  try {
    return library.C_GetAttributeValue(session, object, [{ type: pkcs11js.CKA_LABEL }])[0].value.toString("utf8");
  } catch (error) {
    if (error.message.includes("CKR_ATTRIBUTE_TYPE_INVALID")) return "";
    throw error;
  }
}

function showObjects(library, session) {
  for (const each of findObjects(library, session, [])) {
    const [kind] = library.C_GetAttributeValue(session, each, [{ type: pkcs11js.CKA_CLASS }]);
    const isPrivateKey = kind.value.readUInt32LE(0) === pkcs11js.CKO_PRIVATE_KEY;
    console.log(isPrivateKey ? "private key" : "object", labelOf(library, session, each));
  }
}

function useKey(library, session, action, id, name, source, target) {
  const given = fs.readFileSync(source), key = findKey(library, session, id), output = Buffer.alloc(512);
  if (action === "sign") {
    library.C_SignInit(session, mechanismOf(name), key);
    fs.writeFileSync(target, library.C_Sign(session, given, output));
  } else {
    library.C_DecryptInit(session, mechanismOf(name), key);
    fs.writeFileSync(target, library.C_Decrypt(session, given, output));
  }
}

function main(path, action, label, pinFile, ...rest) {
  const library = new pkcs11js.PKCS11();
  library.load(path);
  library.C_Initialize();
  try {
    const [slot, session] = openToken(library, label);
    if (pinFile !== undefined) library.C_Login(session, pkcs11js.CKU_USER, fs.readFileSync(pinFile, "ascii"));
    if (action === "mechanisms") showMechanisms(library, slot);
    else if (action === "objects") showObjects(library, session);
    else if (action === "sign" || action === "decrypt") useKey(library, session, action, ...rest);
    if (pinFile !== undefined) library.C_Logout(session);
    library.C_CloseSession(session);
  } finally {
    library.C_Finalize();
  }
}

try {
  main(...process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

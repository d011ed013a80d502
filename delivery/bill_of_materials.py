"""The software bill of materials (SPDX 2.3, JSON): our programs and modules, the libraries that they link, whose packages."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import datetime
import hashlib
import json
import re
import subprocess


def linked(path):
    """The sonames that a program or module links."""
    told = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", told)


def built(facts):
    """What is installed, as the linker has left it: libtool keeps it in .libs when it needs its own libraries."""
    names = facts.run("make", "-s", "-C", facts.build, "installed-files").split()
    for name in sorted({name.rsplit("/", 1)[-1] for name in names if "/bin/" in name or "/sbin/" in name or name.endswith(".so")}):
        for path in sorted([*facts.build.glob(f"**/.libs/{name}"), *facts.build.glob(f"**/{name}")]):
            if path.is_file() and path.read_bytes()[:4] == b"\x7fELF":
                yield path
                break


def package_of(soname):
    """(name, version) of the Debian package that has this library."""
    told = subprocess.run(["dpkg-query", "-S", f"*/{soname}"], capture_output=True, text=True).stdout
    name = told.split(":")[0].strip()
    if not name:
        return None
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", name], capture_output=True, text=True).stdout
    return name, version.split("\n")[0]


def reference(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.]", "-", name)


def write(facts, path, epoch):
    """Returns the names of the packages."""
    files, relations, packages, of = [], [], {}, {}
    for program in built(facts):
        content = program.read_bytes()
        files.append({"SPDXID": reference("File", program.name), "fileName": "./" + program.name,
                      "checksums": [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()},
                                    {"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()}],
                      "licenseConcluded": "LGPL-2.1-or-later", "copyrightText": "The Uketsuke contributors"})
        for soname in linked(program):
            if soname not in of:
                of[soname] = package_of(soname)
            if of[soname]:
                packages[of[soname][0]] = of[soname][1]
                relations.append({"spdxElementId": reference("File", program.name), "relationshipType": "DYNAMIC_LINK",
                                  "relatedSpdxElement": reference("Package", of[soname][0]), "comment": soname})
    created = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"uketsuke-{facts.version}",
        "documentNamespace": f"urn:uketsuke:spdx:{facts.version}:{epoch}",
        "creationInfo": {"created": created, "creators": ["Tool: uketsuke-bill-of-materials"]},
        "files": files,
        "packages": [{"SPDXID": reference("Package", name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
                      "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
                      "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                        "referenceLocator": f"pkg:deb/debian/{name}@{version}"}]}
                     for name, version in sorted(packages.items())],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": one["SPDXID"]} for one in files] + relations,
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return sorted(packages)

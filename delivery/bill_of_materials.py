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


def packages_of(sonames):
    """{soname: (name, version)} of the Debian packages that have them; one that no package has is missing."""
    if not sonames:
        return {}
    told = subprocess.run(["dpkg-query", "-S", *(f"*/{soname}" for soname in sonames)], capture_output=True, text=True).stdout
    names = {}
    for owner, path in (line.split(": ", 1) for line in told.splitlines() if not line.startswith("diversion by ")):
        names.setdefault(path.rsplit("/", 1)[-1], owner.split(":")[0].split(",")[0])
    wanted = {soname: names[soname] for soname in sonames if soname in names}
    if not wanted:
        return {}
    told = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *set(wanted.values())], capture_output=True,
                          text=True, check=True).stdout
    versions = dict(line.split(" ") for line in told.splitlines())
    return {soname: (name, versions[name]) for soname, name in wanted.items()}


def reference(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.]", "-", name)


def file_entry(program):
    content = program.read_bytes()
    return {"SPDXID": reference("File", program.name), "fileName": "./" + program.name,
            "checksums": [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()},
                          {"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()}],
            "licenseConcluded": "LGPL-2.1-or-later", "copyrightText": "The Uketsuke contributors"}


def package_entry(name, version):
    return {"SPDXID": reference("Package", name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{name}@{version}"}]}


def link_entry(program, soname, package):
    return {"spdxElementId": reference("File", program.name), "relationshipType": "DYNAMIC_LINK",
            "relatedSpdxElement": reference("Package", package), "comment": soname}


def write(facts, path, epoch):
    """Returns the names of the packages."""
    links = {program: linked(program) for program in built(facts)}
    owners = packages_of(sorted({soname for sonames in links.values() for soname in sonames}))
    files = [file_entry(program) for program in links]
    relations = [link_entry(program, soname, owners[soname][0])
                 for program, sonames in links.items() for soname in sonames if soname in owners]
    created = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    packages = sorted(set(owners.values()))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"uketsuke-{facts.version}",
        "documentNamespace": f"urn:uketsuke:spdx:{facts.version}:{epoch}",
        "creationInfo": {"created": created, "creators": ["Tool: uketsuke-bill-of-materials"]},
        "files": files,
        "packages": [package_entry(name, version) for name, version in packages],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": one["SPDXID"]} for one in files] + relations,
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return [name for name, _ in packages]

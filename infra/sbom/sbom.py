"""The bill of materials of the functions as deployed, made of Cargo.lock and what cargo tells of it.

A crate that is in a function's program has the scope `required`. One that only runs while it is built (build scripts, procedural
macros and what they need) has `excluded`. Crates of tests, simulators and the local stack are left out.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

# What infra/template.yaml builds for.
PLATFORM = "x86_64-unknown-linux-gnu"

LICENSES = LicenseFactory()


def main(target):
    metadata = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", PLATFORM))
    packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
    functions = sorted(folder.name for folder in Path("functions").iterdir())
    in_programs = tree(functions, "normal,no-proc-macro")
    involved = tree(functions, "normal,build")
    components = {
        key: component(packages[key], functions, ComponentScope.REQUIRED if key in in_programs else ComponentScope.EXCLUDED)
        for key in sorted(involved)
    }

    bom = Bom(components=components.values())
    bom.metadata.component = product(packages, functions)
    bom.register_dependency(bom.metadata.component, [one for (name, _), one in components.items() if name in functions])
    by_id = {packages[key]["id"]: one for key, one in components.items()}
    for node in metadata["resolve"]["nodes"]:
        if node["id"] in by_id:
            bom.register_dependency(by_id[node["id"]], [by_id[id] for id in runs_or_builds(node) if id in by_id])
    write(bom, target)
    print(f"{target}: {len(functions)} functions, {len(in_programs)} packages in them, {len(involved - in_programs)} more to build them")


def write(bom, target):
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"CycloneDX's schema refuses the document: {error}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n")


def cargo(command, *arguments):
    done = subprocess.run(["cargo", command, "--locked", *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def tree(functions, edges):
    """Name and version of every package that `functions` need, with the features they are built with."""
    chosen = [argument for name in functions for argument in ("--package", name)]
    lines = cargo("tree", *chosen, "--target", PLATFORM, "--edges", edges, "--prefix", "none").splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}


def runs_or_builds(node):
    """The ids of what a package depends on otherwise than for its tests."""
    return [dep["pkg"] for dep in node["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])]


def component(package, functions, scope):
    purl = PackageURL("cargo", name=package["name"], version=package["version"])
    return Component(
        name=package["name"],
        version=package["version"],
        description=(package["description"] or "").strip() or None,
        type=ComponentType.APPLICATION if package["name"] in functions else ComponentType.LIBRARY,
        # Our own packages are published nowhere, so no address of a package names them.
        purl=purl if package["source"] else None,
        bom_ref=str(purl),
        scope=scope,
        licenses=[license_of(package)],
        hashes=hashes(package),
        external_references=references(package),
    )


def license_of(package):
    """The licence as SPDX writes it; older manifests have a slash for OR."""
    if not package["license"]:
        sys.exit(f"{package['name']} {package['version']} names no licence")
    return LICENSES.make_with_expression(" OR ".join(part.strip() for part in package["license"].split("/")))


def hashes(package):
    checksum = CHECKSUMS.get((package["name"], package["version"]))
    if package["source"] and not checksum:
        sys.exit(f"Cargo.lock has no checksum of {package['name']} {package['version']}")
    return [HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else []


def references(package):
    repository = package["repository"]
    return [ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(repository))] if repository else []


def product(packages, functions):
    package = next(package for (name, _), package in packages.items() if name == functions[0])
    return Component(
        name="polydesk",
        version=package["version"],
        type=ComponentType.APPLICATION,
        bom_ref="polydesk",
        licenses=[license_of(package)],
    )


def checksums():
    locked = tomllib.loads(Path("Cargo.lock").read_text())["package"]
    return {(package["name"], package["version"]): package.get("checksum") for package in locked}


CHECKSUMS = checksums()

if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Bill of materials of the deployed functions, from Cargo.lock and the metadata of cargo.

A crate that is linked into a function has the scope `required`. A crate that runs only during the build (build scripts,
procedural macros and their dependencies) has `excluded`. Crates of tests, simulators and the local stack are left out.
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

# The target platform of infra/template.yaml.
PLATFORM = "x86_64-unknown-linux-gnu"

LICENSES = LicenseFactory()


def main(target):
    metadata = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", PLATFORM))
    packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
    functions = sorted(folder.name for folder in Path("functions").iterdir())
    in_programs = tree(functions, "normal,no-proc-macro")
    involved = tree(functions, "normal,build")
    components = {
        key: component(packages[key], functions, scope(key in in_programs))
        for key in sorted(involved)
    }

    bom = Bom(components=components.values())
    bom.metadata.component = product(packages, functions)
    deployed = [part for (name, _), part in components.items() if name in functions]
    bom.register_dependency(bom.metadata.component, deployed)
    by_id = {packages[key]["id"]: part for key, part in components.items()}
    for node in metadata["resolve"]["nodes"]:
        if node["id"] in by_id:
            bom.register_dependency(by_id[node["id"]], [by_id[id] for id in dependencies(node) if id in by_id])
    write(bom, target)
    more = len(involved - in_programs)
    print(f"{target}: {len(functions)} functions, {len(in_programs)} packages in them, {more} more to build them")


def write(bom, target):
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"the document is not valid by CycloneDX's schema: {error}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n")


def cargo(command, *arguments):
    done = subprocess.run(["cargo", command, "--locked", *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def tree(functions, edges):
    """Name and version of every dependency of `functions`, with the features of their build."""
    chosen = [argument for name in functions for argument in ("--package", name)]
    lines = cargo("tree", *chosen, "--target", PLATFORM, "--edges", edges, "--prefix", "none").splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}


def dependencies(node):
    """The ids of the dependencies of a package, without those of its tests."""
    return [dep["pkg"] for dep in node["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])]


def scope(is_linked):
    return ComponentScope.REQUIRED if is_linked else ComponentScope.EXCLUDED


def component(package, functions, scope):
    purl = PackageURL("cargo", name=package["name"], version=package["version"])
    return Component(
        name=package["name"],
        version=package["version"],
        description=(package["description"] or "").strip() or None,
        type=ComponentType.APPLICATION if package["name"] in functions else ComponentType.LIBRARY,
        # Our own packages are not published, so they have no package URL.
        purl=purl if package["source"] else None,
        bom_ref=str(purl),
        scope=scope,
        licenses=[license_of(package)],
        hashes=hashes(package),
        external_references=references(package),
    )


def license_of(package):
    """The licence as an SPDX expression; older manifests write a slash for OR."""
    if not package["license"]:
        sys.exit(f"{package['name']} {package['version']} has no licence")
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

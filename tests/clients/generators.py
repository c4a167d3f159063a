"""The generators, and what is true of the source that they write."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

# The generators of openapi-generator, each with what it takes beside the document and the folder.
OPENAPI_GENERATOR = {
    "python": ["--additional-properties", "packageName=polydesk"],
    "rust": [],
    "go": [],
}
# What openapi-generator says of every document of that version.
ALWAYS_WARNED = ("OpenAPI 3.1 support is still in beta",)
# A warning of a name that the language reserves, or that is no name in it. The client has another one.
RENAMED = re.compile(r"cannot be used as|\(reserved word\)")
# Bodies without fields, for example of a close: a map of anything.
UNTYPED = ("Failed to get the schema name", "Codegen property is null")


def generate_all(document, folder):
    """Writes the clients below the folder: by generator and language."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Each runs for some seconds only, which the optimizing compiler would make longer.
    environment = os.environ | {"JAVA_OPTS": "-XX:TieredStopAtLevel=1"}
    for language, options in OPENAPI_GENERATOR.items():
        output = run([tool("openapi-generator-cli"), "generate", "-g", language, "-i", document,
                      "-o", folder / f"openapi-generator-{language}", *options], env=environment)  # fmt: skip
        expect_no_warning(language, output)
    output = run([tool("openapi-python-client"), "generate", "--path", document, "--meta", "none",
                  "--output-path", folder / "openapi-python-client" / "polydesk"])  # fmt: skip
    # It leaves out what it can't read, and succeeds.
    assert "Warning" not in output and "Error" not in output, output
    types = folder / "typescript" / "polydesk.ts"
    run([node_tool("openapi-typescript"), document, "--output", types])


def tool(name):
    """A program of the virtual environment."""
    return pathlib.Path(sys.executable).parent / name


def node_tool(name):
    return pathlib.Path(os.environ["NODE_MODULES"]) / ".bin" / name


def run(command, **options):
    """What the program prints. It must succeed."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-4000:]}"
    return done.stdout


def expect_no_warning(language, output):
    lines = [line for line in output.splitlines() if " WARN " in line or " ERROR " in line]
    allowed = (*ALWAYS_WARNED, *UNTYPED)
    lines = [line for line in lines if not RENAMED.search(line) and not any(text in line for text in allowed)]
    assert not lines, f"openapi-generator, {language}:\n" + "\n".join(sorted(set(lines)))


def check_all(document, folder):
    """Fails where a generator succeeded and its client can't work."""
    document = json.loads(document.read_text())
    check_patterns(document)
    check_rust(folder / "openapi-generator-rust" / "src")
    check_errors(document, folder)


def check_patterns(part):
    """Every pattern begins at the start of the text: the Python of openapi-generator matches from there."""
    if isinstance(part, dict):
        pattern = part.get("pattern")
        assert not isinstance(pattern, str) or pattern.startswith("^"), f"not from the start: {pattern}"
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        check_patterns(value)


def check_rust(source):
    """Enumerations whose variants differ, and none that writes a truth value as a text or a field twice."""
    enumeration = re.compile(r'(#\[serde\(tag = "\w+"\)\]\n)?pub enum (\w+) \{\n(.*?)\n\}', re.DOTALL)
    files = sorted(source.rglob("*.rs"))
    assert files, f"{source} has no file"
    for file in files:
        for tag, name, body in enumeration.findall(file.read_text()):
            variants = re.findall(r"^    (?:r#)?(\w+)(?:\((.*)\))?(?: = \S+)?,$", body, re.MULTILINE)
            names = [variant for variant, _ in variants]
            assert variants and len(set(names)) == len(names), f"{file}: equal variants in {name}: {names}"
            texts = re.findall(r'#\[serde\(rename ?= ?"(.*)"\)\]', body)
            assert len(set(texts)) == len(texts), f"{file}: equal texts in {name}: {texts}"
            assert not {"true", "false"} & set(texts), f"{file}: {name} has a truth value as a text"
            # The variant's type has the field of the tag too, and the server refuses a field that is there twice.
            assert not tag, f"{file}: {name} would write its tag twice"


def check_errors(document, folder):
    """Every error response that can be a problem is parsed as one, in both Python clients."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower()
            expected = {status: error_type(response) for status, response in operation["responses"].items()}
            expected = {status: kind for status, kind in expected.items() if kind}
            api = f"{operation['tags'][0]}_api.py"
            text = (folder / "openapi-generator-python" / "polydesk" / "api" / api).read_text()
            body = text.split(f"def {name}_with_http_info(")[1].split("\n    def ")[0]
            types = dict(re.findall(r"'(\d+)': \"(\w+)\"", body))
            actual = {status: kind for status, kind in types.items() if status >= "400"}
            assert actual == expected, f"openapi-generator, {method} {path}: {actual}"
            file = folder / "openapi-python-client" / "polydesk" / "api" / operation["tags"][0] / f"{name}.py"
            types = dict(re.findall(r"response_(\d+) = (\w+)\.from_dict", file.read_text()))
            actual = {status: kind for status, kind in types.items() if status >= "400"}
            assert actual == expected, f"openapi-python-client, {method} {path}: {actual}"


def error_type(response):
    """The type of an error's body. A problem comes first where the API's gateway answers the status too."""
    content = response.get("content", {})
    for media_type, name in (("application/problem+json", "Problem"), ("application/json", "GatewayMessage")):
        reference = content.get(media_type, {}).get("schema", {}).get("$ref")
        if reference == f"#/components/schemas/{name}":
            return name
        assert media_type not in content or reference, f"no plain reference: {content}"
    return None

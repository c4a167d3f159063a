"""The Python and TypeScript of docs/api.md, run as they stand there, and the types of the TypeScript client."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from generators import node_tool, run

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "api.md"
LANGUAGES = ("python", "ts")
# The lines of an example that name `serve` and its folder with the access key: the same in both languages.
PLACES = re.compile(
    r"""^(?P<head>(?:const )?(?P<name>api|access) = (?:pathlib\.Path\()?)"[^"]*"(?P<tail>\)?;?)$""", re.MULTILINE
)


def example(language, api, access):
    """The block of that language, with the addresses of this start."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1, f"{PAGE} has {len(blocks)} blocks of {language}"
    places = {"api": api, "access": str(access)}
    text, count = PLACES.subn(lambda found: f'{found["head"]}"{places[found["name"]]}"{found["tail"]}', blocks[0])
    assert count == 2, f"{language}: {count} of 2 addresses"
    return text


def compile_typescript(output):
    """Compiles the generated types, what they must accept and refuse, and the example."""
    folder = output / "typescript"
    for name in ("types.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / "typescript" / name, folder)
    (folder / "node_modules").symlink_to(os.environ["NODE_MODULES"])
    write_typescript(folder, "http://127.0.0.1:0", "/none")
    run([node_tool("tsc"), "--noEmit"], cwd=folder)


def write_typescript(folder, api, access):
    (folder / "tour.ts").write_text(example("ts", api, access))


def run_example(language, stack, output):
    """Whether the example ends well. It prints what the page says."""
    check_versions()
    if language == "python":
        file = output / "tour.py"
        file.write_text(example("python", stack.api, stack.access))
        command = [sys.executable, "-B", file]
    else:
        folder = output / "typescript"
        write_typescript(folder, stack.api, stack.access)
        run([node_tool("tsc"), "--outDir", "compiled"], cwd=folder)
        command = ["node", folder / "compiled" / "tour.js"]
    environment = os.environ | {"PYTHONPATH": str(output / "openapi-generator-python")}
    return subprocess.run(command, env=environment).returncode == 0


def check_versions():
    """The page names the versions that are tested."""
    pinned = (HERE / "requirements.txt").read_text()
    package = json.loads((HERE / "typescript" / "package.json").read_text())
    modules = package["dependencies"] | package["devDependencies"]
    text = PAGE.read_text()
    named = re.findall(r"([a-z0-9-]+)(?:\[\w+\])?==([0-9.]+)", text)
    assert named and all(f"{name}=={version}\n" in pinned for name, version in named), named
    named = re.findall(r"([@a-z/-]+)@([0-9.]+)", text)
    assert named and all(modules.get(name) == version for name, version in named), named

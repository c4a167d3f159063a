"""Runs checkov's CloudFormation checks on a template and compares the failures with a list of skips.

The list of skips replaces those of checkov, which have no reason or are part of the template, and which nobody notices
when they are no longer needed. The runner is called directly, because checkov's command line reads settings from the
home folder and contacts its vendor.
"""

import sys
from importlib.metadata import version
from pathlib import Path

NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}


def refuse_network(event, arguments):
    if event in NETWORK:
        raise PermissionError(f"checkov wants the network: {event} {arguments[1:]}")


sys.addaudithook(refuse_network)

import yaml  # noqa: E402
from checkov.cloudformation.runner import Runner  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402


def main(template, list_of_skips):
    report = Runner().run(
        root_folder=None,
        files=[template],
        runner_filter=RunnerFilter(framework=["cloudformation"], show_progress_bar=False),
    )
    skips, problems = read(list_of_skips)
    passed = {key(record) for record in report.passed_checks}
    failed = {key(record): record for record in report.failed_checks}
    skipped = set()
    for line, check, resources in skips:
        needed, complaints = apply(check, resources, passed, failed.keys())
        problems += [f"{list_of_skips}:{line}: {check} {complaint}" for complaint in complaints]
        twice = needed & skipped
        problems += [f"{list_of_skips}:{line}: {check} is skipped for {resource} twice" for _, resource in twice]
        skipped |= needed

    problems += [f"{path}: checkov can't read it" for path in report.parsing_errors]
    problems += [
        f"{template}: {record.check_id} is skipped in the template, not in {list_of_skips}"
        for record in report.skipped_checks
    ]
    problems += [f"{template}: checkov did not check {name}" for name in unchecked(template, passed | failed.keys())]
    found = failed.keys() - skipped
    for failure in sorted(found):
        record = failed[failure]
        print(f"{template}:{record.file_line_range[0]}: {' '.join(failure)}: {record.check_name}")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"checkov {version('checkov')} on {template}")
    print(f"Checks: {len(passed)} passed, {len(found)} failed, {len(skipped)} skipped")
    return 1 if found or problems else 0


def key(record):
    """Check and logical id; checkov puts the resource type before the id."""
    return record.check_id, record.resource.rpartition(".")[2]


def read(list_of_skips):
    skips, problems = [], []
    for number, line in entries(Path(list_of_skips).read_text()):
        names, _, reason = line.partition(": ")
        if not names.split() or not reason.strip():
            problems.append(f"{list_of_skips}:{number}: not of the form CHECK [RESOURCE ...]: reason")
            continue
        check, *resources = names.split()
        skips.append((number, check, resources))
    return skips, problems


def entries(text):
    """The entries with their line numbers, without comments; a line that starts with spaces continues an entry."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(" ") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif line and not line.startswith("#"):
            found.append((number, line))
    return found


def apply(check, resources, passed, failed):
    """The failures that a skip covers, and the reasons why it is not needed as written."""
    failing = {(name, resource) for name, resource in failed if name == check}
    passing = {(name, resource) for name, resource in passed if name == check}
    if not failing | passing:
        return set(), ["checks nothing here, or does not exist"]
    if not failing:
        return set(), ["passes for every resource"]
    if not resources:
        return failing, [f"passes for {resource}: name those that it fails for" for _, resource in sorted(passing)]
    named = {(check, resource) for resource in resources}
    complaints = [f"passes for {resource}" for _, resource in sorted(named & passing)]
    unknown = sorted(named - passing - failing)
    complaints += [f"does not check {resource}, or there is none" for _, resource in unknown]
    return named & failing, complaints


def unchecked(template, checked):
    """Functions without any check: a checkov that does not support SAM would report no failure for them."""
    resources = yaml.safe_load(Path(template).read_text())["Resources"]
    functions = {name for name, resource in resources.items() if resource["Type"] == "AWS::Serverless::Function"}
    return sorted(functions - {resource for _, resource in checked})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

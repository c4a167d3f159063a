"""Runs checkov's checks of CloudFormation on a template and holds what fails against the list of skips.

checkov's own ways to skip are not used: they take no reason, or stand in the template, and none of them tells of a skip that is
not needed. Its runner is called without its command line, which would read settings from the home folder and talk to its maker.
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
        problems += [f"{list_of_skips}:{line}: {check} is skipped for {resource} twice" for _, resource in needed & skipped]
        skipped |= needed

    problems += [f"{path}: checkov can't read it" for path in report.parsing_errors]
    problems += [f"{template}: {record.check_id} is skipped in the template, not in {list_of_skips}" for record in report.skipped_checks]
    problems += [f"{template}: checkov did not look at {name}" for name in unseen(template, passed | failed.keys())]
    found = failed.keys() - skipped
    for one in sorted(found):
        record = failed[one]
        print(f"{template}:{record.file_line_range[0]}: {' '.join(one)}: {record.check_name}")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"checkov {version('checkov')} on {template}")
    print(f"Checks: {len(passed)} passed, {len(found)} failed, {len(skipped)} skipped")
    return 1 if found or problems else 0


def key(record):
    """Check and logical id; checkov puts the resource's type before that."""
    return record.check_id, record.resource.rpartition(".")[2]


def read(list_of_skips):
    skips, problems = [], []
    for number, line in enumerate(Path(list_of_skips).read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        names, _, reason = line.partition(": ")
        if not names.split() or not reason.strip():
            problems.append(f"{list_of_skips}:{number}: not of the form CHECK [RESOURCE ...]: reason")
            continue
        check, *resources = names.split()
        skips.append((number, check, resources))
    return skips, problems


def apply(check, resources, passed, failed):
    """The failures that a skip covers, and why it is not needed as it stands."""
    failing = {one for one in failed if one[0] == check}
    passing = {one for one in passed if one[0] == check}
    if not failing | passing:
        return set(), ["looks at nothing here, or does not exist"]
    if not failing:
        return set(), ["passes for all that it looks at"]
    if not resources:
        return failing, [f"passes for {resource}: name those that it fails for" for _, resource in sorted(passing)]
    named = {(check, resource) for resource in resources}
    complaints = [f"passes for {resource}" for _, resource in sorted(named & passing)]
    complaints += [f"does not look at {resource}, or there is none" for _, resource in sorted(named - passing - failing)]
    return named & failing, complaints


def unseen(template, seen):
    """Functions that no check was run on: a checkov that does not know SAM would find nothing wrong with them."""
    resources = yaml.safe_load(Path(template).read_text())["Resources"]
    functions = {name for name, resource in resources.items() if resource["Type"] == "AWS::Serverless::Function"}
    return sorted(functions - {resource for _, resource in seen})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

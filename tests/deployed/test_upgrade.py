"""A new version replaces the old one, and a rollback works. MiniStack moves an alias in one step, without a canary."""

from harness.stack import ALIAS

# A function that only a route starts.
FUNCTION, ROUTE = "query-catalog", "/vendors"

# The first test sets it and it stays, so in the other tests it does not cause a new version.
LEVEL = {"LogLevel": "info,shared=debug"}


def test_a_changed_parameter_takes_effect(world):
    """A parameter's value alone makes no version in SAM, so VersionDescription has the value."""
    before = world.stack.live()
    world.stack.update(LEVEL)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    settings = [setting(world, function, version) for function, version in after.items()]
    assert {function["Environment"]["Variables"]["RUST_LOG"] for function in settings} == {LEVEL["LogLevel"]}
    assert ran(world) == after[FUNCTION]


def test_a_changed_setting_creates_a_version_and_retains_the_one_before(world):
    before = world.stack.live()
    world.stack.update(LEVEL, with_another_handler)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    assert ran(world) == after[FUNCTION]
    # The manual rollback of docs/operations.md.
    client, name = world.emulator.client("lambda"), world.stack.functions[FUNCTION]
    previous = client.list_versions_by_function(FunctionName=name)["Versions"][-2]
    assert (previous["Version"], previous["Handler"]) == (before[FUNCTION], "bootstrap")
    client.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=previous["Version"])
    assert ran(world) == before[FUNCTION]


def test_the_release_before_can_be_deployed_again(world):
    """Also after a manual move of an alias."""
    before = world.stack.live()
    world.stack.update(LEVEL)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    assert {setting(world, function, version)["Handler"] for function, version in after.items()} == {"bootstrap"}
    assert ran(world) == after[FUNCTION]


def with_another_handler(template):
    """Changes the handler, which a custom runtime ignores. Only AutoPublishAliasAllProperties makes a version of it."""
    assert template.count("    Handler: bootstrap\n") == 1
    return template.replace("    Handler: bootstrap\n", "    Handler: another\n")


def ran(world):
    """The version that runs for a call of the route."""
    before = world.logs.versions_of(FUNCTION)
    world.api.get(ROUTE).expect(200)
    [version] = world.logs.versions_of(FUNCTION) - before
    return version


def setting(world, function, version):
    client = world.emulator.client("lambda")
    return client.get_function_configuration(FunctionName=world.stack.functions[function], Qualifier=version)

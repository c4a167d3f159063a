"""A new version takes over, and the one before can be called back. MiniStack moves an alias in one step: no canary is shown here."""

from harness.stack import ALIAS

# A function that nothing but a route starts.
FUNCTION, ROUTE = "query-catalog", "/vendors"

# Set by the first test and left so: in the others it is not what makes a version.
LEVEL = {"LogLevel": "info,shared=debug"}


def test_another_parameter_reaches_the_callers(world):
    """SAM makes a version when the template changes. A parameter's value changes the description, and so the version too."""
    before = world.stack.live()
    world.stack.update(LEVEL)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    settings = [setting(world, function, version) for function, version in after.items()]
    assert {one["Environment"]["Variables"]["RUST_LOG"] for one in settings} == {LEVEL["LogLevel"]}
    assert ran(world) == after[FUNCTION]


def test_another_setting_makes_a_version_and_the_one_before_is_kept(world):
    before = world.stack.live()
    world.stack.update(LEVEL, with_another_handler)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    assert ran(world) == after[FUNCTION]
    # By hand, as docs/operations.md says it.
    client, name = world.emulator.client("lambda"), world.stack.functions[FUNCTION]
    kept = client.list_versions_by_function(FunctionName=name)["Versions"][-2]
    assert (kept["Version"], kept["Handler"]) == (before[FUNCTION], "bootstrap")
    client.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=kept["Version"])
    assert ran(world) == before[FUNCTION]


def test_the_release_before_is_deployed_again(world):
    """Also after somebody moved an alias by hand."""
    before = world.stack.live()
    world.stack.update(LEVEL)
    after = world.stack.live()
    assert all(int(after[function]) > int(before[function]) for function in before), after
    assert {setting(world, function, version)["Handler"] for function, version in after.items()} == {"bootstrap"}
    assert ran(world) == after[FUNCTION]


def with_another_handler(template):
    """A setting that a program of its own does not read; SAM makes a version of code, environment and memory anyway."""
    assert template.count("    Handler: bootstrap\n") == 1
    return template.replace("    Handler: bootstrap\n", "    Handler: another\n")


def ran(world):
    """The version that runs for a call of the route."""
    before = world.logs.versions_of(FUNCTION)
    world.desk.get(ROUTE).expect(200)
    [version] = world.logs.versions_of(FUNCTION) - before
    return version


def setting(world, function, version):
    client = world.emulator.client("lambda")
    return client.get_function_configuration(FunctionName=world.stack.functions[function], Qualifier=version)

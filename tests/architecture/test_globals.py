"""What all functions share stands once, in the template's Globals; a stanza says only what differs."""

import tomllib

import pytest

import gateway
from tests.architecture.house import ALL, ENDPOINTS, FUNCTIONS, ROOT, SYSTEMS, TEMPLATE, Function

SHARED = TEMPLATE.data["Globals"]["Function"]

OF_A_STANZA = frozenset({"Handler", "Policies", "Events", "Environment"})
"""What every stanza may say."""

FURTHER = {
    # track has a database: its driver, its network, more time to connect.
    "track": frozenset({"Layers", "VpcConfig", "MemorySize", "Timeout"}),
    # A worker has its own pace.
    "delivery": frozenset({"Timeout", "MemorySize", "Layers", "VpcConfig", "Description"}),
}

API_GATEWAY_SECONDS = 29


def test_functions_are_built_once_for_all() -> None:
    assert SHARED["CodeUri"] == "functions/"
    assert {"Ref": "SharedLayer"} in SHARED["Layers"]


def test_the_python_is_the_projects() -> None:
    assert SHARED["Runtime"] == f"python{(ROOT / '.python-version').read_text().strip()}"


def test_a_cold_start_does_no_more_than_it_must() -> None:
    assert SHARED["MemorySize"] == {"Ref": "MemorySize"}
    assert min(TEMPLATE.parameters["MemorySize"]["AllowedValues"]) >= 512, "below, imports take half a second"
    assert SHARED["Environment"]["Variables"]["PYDANTIC_DISABLE_PLUGINS"] == "__all__"


def test_traces_and_logs_need_no_code() -> None:
    assert SHARED["Tracing"] == {"Fn::If": ["TracingOn", "Active", "PassThrough"]}
    assert SHARED["LoggingConfig"]["LogGroup"] == {"Ref": "FunctionLogs"}
    assert "RetentionInDays" in TEMPLATE.data["Resources"]["FunctionLogs"]["Properties"]


def test_a_function_ends_before_api_gateway_gives_up() -> None:
    longest = float(TEMPLATE.parameters["WaitSeconds"]["MaxValue"])

    for function in ENDPOINTS:
        timeout = function.properties.get("Timeout", SHARED["Timeout"])
        assert longest < timeout <= API_GATEWAY_SECONDS, f"{function}: Timeout {timeout}"


def test_there_is_one_public_stage() -> None:
    assert TEMPLATE.data["Globals"]["Api"]["OpenApiVersion"], "without it SAM adds a stage named `Stage`"


def test_a_changed_setting_is_deployed() -> None:
    assert TEMPLATE.data["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


@pytest.mark.parametrize("function", ALL, ids=str)
def test_a_stanza_says_only_what_differs(function: Function) -> None:
    allowed = OF_A_STANZA | FURTHER.get(function.folder, frozenset())
    more = set(function.properties) - allowed

    assert not more, f"stack/function/: {function} says {', '.join(more)}, which belongs into Globals"


@pytest.mark.parametrize("function", ALL, ids=str)
def test_a_systems_functions_can_be_switched_off_together(function: Function) -> None:
    stanza = TEMPLATE.data["Resources"][function.logical_id]
    if function.system is None:
        assert "Condition" not in stanza, f"{function} serves every system"
        return
    condition = stanza.get("Condition", "")

    assert condition.lower() == f"{function.system}on", f"{function}: `Condition:` of its system is missing"
    assert condition in TEMPLATE.data["Conditions"]


@pytest.mark.parametrize("folder", SYSTEMS)
def test_a_folder_is_a_package(folder: str) -> None:
    assert (FUNCTIONS / folder / "__init__.py").is_file(), f"functions/{folder}/__init__.py is missing"


def test_the_release_has_one_number() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert gateway.__version__ == project, "layers/shared/gateway/__init__.py and pyproject.toml differ"
    assert TEMPLATE.data["Mappings"]["Release"]["Trackgate"]["Version"] == project, (
        "stack/opening.yaml (Mappings) and pyproject.toml differ"
    )
    assert f"**Status:** version {project}." in (ROOT / "README.md").read_text()
    assert f"(TAG=v{project} " in (ROOT / "Makefile").read_text()

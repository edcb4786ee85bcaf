"""The command line itself: where it runs, which stack it takes, what it says when there is none."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from gateway import __version__
from tests.conftest import ROOT
from tools.errors import CommandError
from tools.operator.app import app
from tools.operator.duration import seconds, spoken
from tools.operator.stack import Stack
from tools.sandbox.running import running_sandbox

WIDTH = 200

FOUND: dict[str, Any] = {
    "Outputs": [
        {"OutputKey": f"PushExpress{name}", "OutputValue": name}
        for name in ("QueueUrl", "DeadLettersUrl", "RecordsName")
    ],
    "Parameters": [{"ParameterKey": "PushExpressUrl", "ParameterValue": "https://example.com"}],
}


class CloudFormation:
    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if StackName != "mine":
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"{StackName} does not exist"}},
                "DescribeStacks",
            )
        return {"Stacks": [FOUND]}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The regions that were asked."""
    regions: list[str | None] = []

    class Session:
        def __init__(self, *, region_name: str | None) -> None:
            self.region_name = region_name
            regions.append(region_name)

        def client(self, service: str, **_: object) -> CloudFormation:
            assert service == "cloudformation"
            return CloudFormation()

    monkeypatch.setattr(boto3, "Session", Session)
    return regions


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": str(WIDTH)})


@pytest.mark.programs
def test_it_runs_from_anywhere_and_says_its_version(tmp_path: Path) -> None:
    link = tmp_path / "trackgate"
    link.symlink_to(ROOT / "bin" / "trackgate")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise AssertionError('not this one')")

    done = subprocess.run([link, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == f"trackgate {__version__}\n"


def test_help_names_every_command() -> None:
    done = run("--help")

    assert done.exit_code == 0
    names = ("deadletters", "keys", "secrets", "forget", "doctor", "status")
    assert all(f" {name} " in done.output for name in names)


@pytest.mark.parametrize(
    "command", [found.callback.__name__ for found in app.registered_commands if found.callback]
)
def test_help_is_wrapped_where_the_line_is_full(command: str) -> None:
    shown, _, _ = run(command, "--help").output.partition("╭")
    lines = [line.strip() for line in shown.splitlines()]

    assert len(lines) > 4
    broken = [
        one
        for one, after in pairwise(lines)
        if one and after and len(f"{one} {after.split()[0]}") < WIDTH - 2
    ]
    assert broken == []


def test_a_stack_is_what_its_outputs_and_parameters_say(aws: list[str | None]) -> None:
    stack = Stack.open("mine", region="eu-central-1")

    assert aws == ["eu-central-1"]
    assert stack.systems == ["pushexpress"]
    assert (stack.queue("pushexpress"), stack.dead_letters("pushexpress")) == ("QueueUrl", "DeadLettersUrl")
    assert stack.records("pushexpress") == "RecordsName"
    assert stack.parameter("pushexpress", "Url") == "https://example.com"
    assert not stack.has_secret("pushexpress")
    with pytest.raises(CommandError, match="pushexpress has no secret"):
        stack.secret("pushexpress")


def test_a_stack_that_is_not_there_is_told(aws: list[str | None]) -> None:
    done = run("keys", "list", "--stack", "other", "--region", "eu-west-1")

    assert done.exit_code == 1
    assert "There is no stack other in eu-west-1: set --stack and --region" in done.output
    assert aws == ["eu-west-1"]


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_local_run_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PORT", "9")

    done = run("deadletters", "list", "--local")

    assert done.exit_code == 1
    assert "Nothing answers at http://127.0.0.1:9" in done.output
    assert "make local" in done.output


@pytest.mark.parametrize("port", ["abc", "0", "99999", "-1", "٣", "4566 "])
def test_a_port_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("AWS_PORT", port)

    done = run("keys", "list", "--local")

    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert f"AWS_PORT={port} is not a port" in done.output


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_port_at_which_no_aws_is_heard_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sandbox() as sandbox:
        monkeypatch.setenv("AWS_PORT", sandbox.url.rpartition(":")[2])
        done = run("keys", "list", "--local")

    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert "The response does not come from AWS" in done.output


def test_an_empty_name_is_told(aws: list[str | None]) -> None:
    assert "name is empty" in run("keys", "list", "--stack", "").output
    assert aws == []


def test_a_region_is_named_as_for_the_aws_cli(aws: list[str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    Stack.open("mine")
    Stack.open("mine", region="eu-west-3")

    assert aws == ["eu-west-1", "eu-west-3"]


def test_a_stack_of_something_else_is_told(aws: list[str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FOUND, "Outputs", [])

    done = run("deadletters", "list", "--stack", "mine")

    assert (done.exit_code, "is it a Trackgate stack?" in done.output) == (1, True)


def test_settings_of_functions_in_the_operators_environment_count_for_nothing() -> None:
    program = "from tools.operator.systems import known; print(known('trax').settings.strict)"

    assert printed(program, STRICT="perhaps", DELIVERY="soon") == "False\n"


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLUMNS": "20"}])
def test_a_table_that_is_piped_is_not_cut(variables: dict[str, str]) -> None:
    program = (
        "from tools.operator.output import out, table; t = table('a'); t.add_row('x' * 500); out.print(t)"
    )

    assert [line.rstrip() for line in printed(program, **variables).splitlines()] == ["a", "x" * 500]


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_table_on_a_narrow_terminal_is_folded_not_cut(variables: dict[str, str]) -> None:
    program = (
        "from rich.text import Text; from tools.operator.output import out, table;"
        "t = table('a', 'b'); t.add_row('x' * 70, Text('y' * 70, style='red')); out.print(t)"
    )

    shown = on_a_terminal(program, columns=80, **variables)

    assert (shown.count("x"), shown.count("y"), "…" in shown) == (70, 70, False)
    assert ("\x1b[31m" in shown) == (variables == {})


def test_what_is_copied_from_a_narrow_terminal_stays_whole() -> None:
    program = (
        "from tools.operator.output import out, table;"
        "t = table('id', 'b', whole={'id': 10}); t.add_row('0123456789', 'y' * 70); out.print(t)"
    )

    shown = on_a_terminal(program, columns=20)

    assert ("0123456789" in shown, shown.count("y")) == (True, 70)


def environment(variables: dict[str, str]) -> dict[str, str]:
    paths = (ROOT, ROOT / "functions", ROOT / "layers" / "shared")
    plain = {"PATH": os.environ["PATH"], "TERM": "xterm", "PYTHONPATH": ":".join(map(str, paths))}
    return plain | variables


def printed(program: str, **variables: str) -> str:
    """What a program prints into a pipe."""
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env=environment(variables), capture_output=True, text=True, check=True
    ).stdout


def on_a_terminal(program: str, *, columns: int, **variables: str) -> str:
    """What a program shows on a terminal of this width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(
        command, env=environment(variables), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # Linux ends so, once the last writer is gone
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert process.wait() == 0, shown
    return shown.decode()


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("2h", 7200), ("30d", 2592000)])
def test_a_duration_is_a_number_and_a_unit(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["2", "h", "-2h", "1.5h", "2w", "2h\n", "٣h"])
def test_other_durations_are_refused(text: str) -> None:
    done = run("deadletters", "list", "--older", text)

    assert done.exit_code == 2
    assert "90s, 15m, 2h, 30d" in done.output


@pytest.mark.parametrize(("length", "expected"), [(0, "0 s"), (89, "89 s"), (90, "2 m"), (36 * 3600, "2 d")])
def test_a_duration_is_said_in_the_unit_that_it_fills(length: float, expected: str) -> None:
    assert spoken(length) == expected

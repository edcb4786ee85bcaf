"""`make local` as a person runs it: what it says, that it answers, and that nothing of it stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.docs.commands import commands
from tests.until import until
from tools.local import workers
from tools.local.aws import LocalAws
from tools.local.build import build
from tools.local.credentials import CLIENT_KEY
from tools.local.deploy import deploy
from tools.local.ports import free_port
from tools.local.stack import LocalStack
from tools.places import ROOT, Places
from tools.sandbox.client import Sandbox

NOBODY = "http://127.0.0.1:9"
"""The discard port: nobody listens."""

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
SESSION = {"player_id": PLAYER}
AGAIN = {"Idempotency-Key": "the same again"}


@contextmanager
def local_run(state: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m tools.local`, which `make local` execs, with its first address; killed if a test fails."""
    settings = {"EVENT_STORE": f"sqlite:///{state}/track.db"} | settings
    ports = dict.fromkeys(("AWS_PORT", "SANDBOX_PORT", "CONSOLE_PORT"), "0") | {"PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.local"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "functions:layers/shared"}
        | {**ports, "STATE": str(state), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, f"127.0.0.1:{ports['PORT']}"
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def lines_until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("ready: "):
            return lines
    pytest.fail("not ready:\n" + "\n".join(lines))


def left_behind(state: Path) -> list[str]:
    """The processes that were started for a state folder: its path is in their arguments or environment."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                if str(state).encode() in told:
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return found


def sandbox(said: list[str]) -> Sandbox:
    """The sandbox of a run, whose ledger it names."""
    (at,) = (line.split()[1] for line in said if line.startswith("ledger:"))
    return Sandbox(at.removesuffix("/_sandbox/ledger"))


def kept(state: Path) -> dict[str, list[Any]]:
    """The tasks that a run left, by queue."""
    file = state / "kept.json"
    found = json.loads(file.read_text())["messages"] if file.exists() else {}
    return {queue: [json.loads(text) for text in texts.values()] for queue, texts in found.items()}


def readme_shows(line: str, said: list[str], address: str) -> bool:
    """Whether the README shows what a command says, where its API answers at the usual port."""
    (command,) = (found for found in commands(ROOT / "README.md") if found.line == line)
    return command.is_shown_by("\n".join(said).replace(address, "127.0.0.1:3000"))


def local_aws(run: list[str]) -> LocalAws:
    """The local AWS of a run, which names it."""
    (url,) = (line.split()[-1] for line in run if line.startswith("local AWS:"))
    return LocalAws(url)


def secret(run: list[str], logical_id: str) -> dict[str, Any]:
    """What a secret of a run holds."""
    secrets = local_aws(run).client("secretsmanager")
    (name,) = (one["Name"] for one in secrets.list_secrets()["SecretList"] if logical_id in one["Name"])
    found: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    return found


def operate(run: list[str], *command: str, said: str = "") -> str:
    """What `bin/trackgate` prints for a run; `said` on standard input."""
    done = subprocess.run(
        [str(ROOT / "bin" / "trackgate"), *command, "--local"],
        env=os.environ | {"AWS_PORT": local_aws(run).url.rpartition(":")[2]},
        input=said,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def deploy_again(run: list[str], state: Path) -> None:
    """A deployment into a run that changes functions and event sources, as one on AWS would."""
    places = Places(state)
    parameters = json.loads(places.parameters.read_text()) | {"WaitSeconds": "9", "DeliveryConcurrency": "3"}
    with build(places.logs / "again.log") as template:
        deploy(local_aws(run), template, parameters, places)
    workers.complete_event_sources(local_aws(run))


def import_event(address: str) -> str:
    """Send MyTracker an event; what became of it."""
    answer = requests.post(
        f"http://{address}/v1/customEvent/?idApp=1",
        headers={"Authorization": CLIENT_KEY},
        json={"customUserId": "7", "customEventName": "e"},
        timeout=60,
    )
    return answer.headers["Gateway-Delivery"]


def source_of(run: list[str], system: str) -> str:
    """The state of a system's event source."""
    told = map(json.loads, operate(run, "status", "--json").splitlines())
    (found,) = (each for each in told if each["system"] == system)
    return str(found["event_source"])


def listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_stopped_it_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    with local_run(tmp_path, TRAX="off", LOG="debug", ONESIGNAL_URL=NOBODY) as (process, address):
        said = lines_until_ready(process)
        (entrance,) = (line.partition(" ")[2] for line in said if line.startswith("console: "))
        page = requests.Session()
        console = page.get(entrance, timeout=60)
        at = entrance.partition("/?")[0]
        stream = page.get(f"{at}/api/stream", stream=True, timeout=60)
        queued = requests.post(f"http://{address}/onesignal/new-session", json=SESSION, timeout=60)
        answer = requests.post(f"http://{address}/onesignal/track-open/", data="{}", timeout=60)
        unknown = requests.put(f"http://{address}/api/v4/project/session/x", data="{}", timeout=60)
        running = left_behind(tmp_path)
        until(lambda: page.get(f"{at}/api/events?outcome=rejected", timeout=60).json()["events"], 10)
        events = page.get(f"{at}/api/events", timeout=60).json()["events"]

        process.send_signal(signal.SIGINT)
        time.sleep(1)  # on purpose: that it goes on waiting is no event
        waits = process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert said[-1] == f"ready: http://{address}"
    assert readme_shows("make local", said, address)
    assert any(line.split()[0::2] == ["onesignal", NOBODY] for line in said)
    assert not any(line.startswith("trax ") for line in said), "it is off"
    assert max(len(line) for line in said if str(tmp_path) not in line) <= 80
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("validation failed: ")
    # Trax is off: its path is nobody's, in Trax's words.
    assert (unknown.status_code, unknown.json()) == (404, {"description": "Not found"})
    assert len(running) >= 4, "the run itself, the local AWS, the sandbox, and a worker a function"
    assert waits, "for what is queued, until asked a second time"
    assert process.returncode == 0
    assert left_behind(tmp_path) == []
    assert console.status_code == 200
    assert stream.content.endswith(b"\n\n"), "the open stream has ended"
    assert [event["outcome"] for event in events if event["id"]][-1] in ("queued", "waiting")
    assert [event["from"] for event in events] == ["app"] * len(events)
    assert not listens(address)
    assert not listens(entrance.split("/")[2])
    assert not (tmp_path / "scratch").exists()
    assert not (tmp_path / "aws").exists(), "the local AWS's own state holds secrets"
    (call,) = kept(tmp_path)["OneSignalQueue"]
    assert call["event_id"] == queued.headers["Gateway-Event-Id"]
    assert "track_open" in (tmp_path / "logs" / "functions.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_it_leaves_no_process_and_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    with local_run(tmp_path, ONESIGNAL_URL=NOBODY, LIMITS="0") as (process, address):
        begun = lines_until_ready(process)
        limited = [sandbox(begun).state("onesignal")["limited"]]
        answer = requests.post(
            f"http://{address}/onesignal/new-session", headers=AGAIN, json=SESSION, timeout=60
        )
        key = operate(begun, "keys", "create", "ios", "--system", "trax", "--allow", "*").split()[-1]
        operate(begun, "secrets", "set", "--system", "trax", said="made-by-hand")
        operate(begun, "hold", "--system", "mytracker", "--yes")
        held = [import_event(address)]
        deploy_again(begun, tmp_path)
        held.append(import_event(address))
        sources = [source_of(begun, "mytracker")]

        process.kill()
        process.wait(60)
        until(lambda: not left_behind(tmp_path))

    assert answer.headers["Gateway-Delivery"] == "queued"

    # It would wait for ten minutes for what is queued, but not for what is on hold.
    with local_run(tmp_path, DRAIN="600") as (process, address):
        said = lines_until_ready(process)
        again = requests.post(
            f"http://{address}/onesignal/new-session", headers=AGAIN, json=SESSION, timeout=60
        )
        (told,) = sandbox(said).wait_for(1, seconds=60)
        limited.append(sandbox(said).state("onesignal")["limited"])
        keyed = [
            requests.put(
                f"http://{address}/api/v4/p/session/s",
                headers={"Authorization": f"Auth-Token {one}"},
                json={},
                timeout=60,
            ).status_code
            for one in (key, CLIENT_KEY, "another")
        ]
        credentials = secret(said, "TraxSecret")["credentials"]
        held.append(import_event(address))
        sources.append(source_of(said, "mytracker"))
        imported = sandbox(said).ledger("mytracker")
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert (process.returncode, left_behind(tmp_path), listens(address)) == (0, [], False)
    assert any("earlier run: 3 messages, 2 records" in line for line in said), said
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (told.status, told.path) == (200, f"/players/{PLAYER}/on_session")
    assert (held, sources, imported) == (["queued"] * 3, ["Disabled"] * 2, []), "a hold outlives all of it"
    assert {queue: len(tasks) for queue, tasks in kept(tmp_path).items() if tasks} == {"MyTrackerQueue": 3}
    assert keyed == [400, 400, 401], "with the key made before the kill, with the local one, with none"
    assert credentials == {"*": "made-by-hand"}
    assert limited == [[], ["users"]], "rate limits of the sandbox: switched off, and by default"


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with local_run(tmp_path, PORT=str(port)) as (process, _):
            said, _ = process.communicate(timeout=180)

    assert process.returncode == 1
    assert f"port {port} on 127.0.0.1" in said
    assert f"PORT={port + 1}" in said


def test_a_state_folder_serves_one_run(local: LocalStack) -> None:
    with local_run(local.places.state) as (process, _):
        said, _ = process.communicate(timeout=180)

    assert process.returncode == 1
    assert f"another local run uses {local.places.state} (process {os.getpid()}" in said


def test_a_value_that_a_setting_does_not_take_is_named_before_anything_starts(tmp_path: Path) -> None:
    with local_run(tmp_path, TRAX_STRICT="perhaps") as (process, _):
        said, _ = process.communicate(timeout=180)

    assert process.returncode == 1
    assert "TRAX_STRICT=perhaps is not one of true, false" in said


def test_what_fails_on_the_way_is_said_and_nothing_stays(tmp_path: Path) -> None:
    # A folder where the SAM CLI wants to read a file.
    (tmp_path / "parameters.yaml").mkdir()

    with local_run(tmp_path) as (process, address):
        said, _ = process.communicate(timeout=180)

    assert process.returncode == 1
    assert "parameters.yaml" in said
    assert left_behind(tmp_path) == []
    assert not listens(address)


def test_every_setting_reaches_the_functions(local: LocalStack) -> None:
    def variables(function: str) -> dict[str, str]:
        name = local.deployed.resources[function]
        found = local.client("lambda").get_function_configuration(FunctionName=name)
        read: dict[str, str] = found["Environment"]["Variables"]
        return read

    trax, onesignal = variables("TraxSession"), variables("OneSignalNewSession")

    assert trax["URL"] == f"{local.sandbox_url}/trax"
    assert trax["CLIENT_KEYS"] == "required"
    assert onesignal["APP_ID"] == "local-onesignal-app"
    assert onesignal["DELIVERY"] == "direct"
    assert "APP_ID" not in trax

"""One round of one peer: it is built, answers, and is measured. `make bench` proves every peer so."""

from pathlib import Path

import pytest

from benchmarks.__main__ import rows
from benchmarks.frame import peers
from benchmarks.frame.session import measured
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import running_upstreams
from benchmarks.onesignal.comparison import PEER_EVENT, VARIABLES, prove
from tests.runtime.lambda_runtime import gather
from tools.errors import CommandError
from tools.programs import installed

CALLS = 110


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The bare peer's build, and the runtime."""
    folder = tmp_path_factory.mktemp("peers")
    installed.install_missing(folder, (installed.SAM,))
    return peers.BARE.build(folder / "build.log"), gather(folder / "runtime")


def test_a_peer_answers_and_is_measured(built: tuple[Path, Path], tmp_path: Path) -> None:
    with running_upstreams(tmp_path / "upstreams.log") as upstreams:
        prove(*built, upstreams, tmp_path / "log")
        before = upstreams.count(VENDOR)

        session = measured(
            peers.emulator(*built, upstreams.url, VARIABLES, tmp_path / "log"),
            lambda number: PEER_EVENT,
            CALLS,
        )

        assert upstreams.count(VENDOR) - before == CALLS
    assert session.cold > session.warm > 0
    assert session.rss > 10


def test_a_peer_that_does_something_else_is_not_compared(built: tuple[Path, Path], tmp_path: Path) -> None:
    task, runtime = built
    other = tmp_path / "task"
    other.mkdir()
    for part in task.iterdir():
        (other / part.name).symlink_to(part)
    (other / "app.py").unlink()
    (other / "app.py").write_text((task / "app.py").read_text().replace("on_session", "on_purchase"))

    with (
        running_upstreams(tmp_path / "upstreams.log") as upstreams,
        pytest.raises(CommandError, match=r"a peer sends .*on_purchase"),
    ):
        prove(other, runtime, upstreams, tmp_path / "log")


def test_every_row_says_how_it_is_measured() -> None:
    assert {"sizes", "onesignal/calls"} <= set(rows())
    assert [name for name, module in rows().items() if not (module.__doc__ or "").strip()] == []


def test_every_peer_is_compared() -> None:
    assert sorted(peer.name for peer in peers.ALL) == sorted(path.name for path in peers.PEERS.iterdir())

"""The layers as they are built: bytecode that Lambda can use, and no more than it needs."""

import json
from pathlib import Path

import pytest

from tests.architecture.house import ENDPOINTS
from tests.runtime.init_times import megabytes
from tests.runtime.workbench import Workbench

UNCHECKED_HASH = 0b01
"""The flags of a .pyc that is used without a look at its source (PEP 552)."""

MAX_MEGABYTES = {"SharedLayer": 30, "TrackLayer": 40}
"""Unpacked. Lambda takes 250 for a function and its layers; every one lengthens a cold start."""


def test_every_source_has_bytecode_that_is_never_checked(bench: Workbench) -> None:
    for layer in bench.artifact.layers:
        folder = bench.artifact.layer(layer)
        sources = set(folder.rglob("*.py"))
        compiled = {
            file.parent.parent / f"{file.name.removesuffix('.cpython-313.pyc')}.py": file.read_bytes()[4:8]
            for file in folder.rglob("*.pyc")
        }

        assert sources, layer
        assert sources - set(compiled) == set(), f"{layer}: not compiled"
        assert set(compiled) - sources == set(), f"{layer}: bytecode of nothing, or of another Python"
        assert {int.from_bytes(flags, "little") for flags in compiled.values()} == {UNCHECKED_HASH}


def test_a_function_reads_no_source_of_its_layers(bench: Workbench, tmp_path: Path) -> None:
    """Zipped, sources are of the year 1980, and any bytecode that is checked would be compiled again."""
    (function,) = (one for one in ENDPOINTS if one.logical_id == "OneSignalNewSession")
    spoilt = bench.artifact.with_layer_changed(
        tmp_path / "spoilt", without="*.py", instead="raise RuntimeError('this source was read')"
    )

    with bench.start(function, spoilt) as emulator:
        answer = emulator.invoke(json.loads(function.event.read_text()))

    assert answer.get("statusCode") == 200, answer


def test_sizes(bench: Workbench) -> None:
    for layer in bench.artifact.layers:
        size = megabytes(bench.artifact.layer(layer))
        assert size < MAX_MEGABYTES[layer], f"{layer} has {size:.1f} MB"


@pytest.mark.parametrize("folder", ["tests", "tools", "events", "boto3", "botocore", "pip"])
def test_nothing_is_deployed_that_no_function_needs(bench: Workbench, folder: str) -> None:
    roots = [bench.artifact.task(function) for function in ENDPOINTS]
    roots += [bench.artifact.layer(layer) / "python" for layer in bench.artifact.layers]

    assert [root for root in roots if (root / folder).exists()] == []

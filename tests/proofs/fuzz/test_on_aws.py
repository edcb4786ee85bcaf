"""Odd requests in AWS's own form, to every route: answers in the dialect, requests that the vendors take."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.profiles import profiles
from tests.proofs.fuzz import dialects, made, upstream_requests
from tests.proofs.fuzz.http1 import Request
from tests.proofs.fuzz.on_aws import OnAws, on_aws
from tests.proofs.fuzz.run import seed_of
from tests.proofs.fuzz.samples import Sample, samples

EACH = int(os.environ.get("FUZZ_EVENTS", "60"))
SEED = int(os.environ.get("SEED", "1"))
ROUTES = [sample for sample in samples() if sample.system != dialects.EDGE]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAws]:
    """See OnAws."""
    with on_aws(tmp_path_factory.mktemp("fuzz")) as api:
        yield api


def judged(api: OnAws, strategy: st.SearchStrategy[Request], *parts: object) -> set[int]:
    """The statuses of all answers, each of which was right."""
    statuses = set()
    for vendor in api.vendors.values():
        vendor.reset()

    @seed(seed_of(SEED, *parts))
    @settings(
        max_examples=EACH,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(request: Request) -> None:
        api.entries.clear()
        response = api.answer(request)
        statuses.add(response.status)

        assert dialects.judge(request, response) == [], response
        assert [text for entry in api.entries for text in upstream_requests.judge(entry)] == [], api.entries

    each()
    return statuses


@pytest.mark.parametrize("sample", ROUTES, ids=lambda sample: sample.route)
def test_a_route(api: OnAws, sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = st.one_of(*(made.requests(sample, kind) for kind in made.KINDS))

    statuses = judged(api, kinds, sample.route)

    assert statuses & {200, 201, 202}, "nothing got as far as the upstream"
    assert statuses >= {400} or sample.name in profiles()[sample.system].untracked
    assert "fault" not in capsys.readouterr().out


def test_unknown_paths(api: OnAws) -> None:
    assert judged(api, made.unknown(), "unknown") >= {400, 404}

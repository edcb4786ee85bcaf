"""Odd requests in AWS's own form, to every route: answers in the dialect, requests that the vendors take."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.profiles import profiles, variants
from tests.proofs.fuzz import dialects, made, upstream_requests
from tests.proofs.fuzz.http1 import Request
from tests.proofs.fuzz.on_aws import OnAws, on_aws
from tests.proofs.fuzz.run import seed_of
from tests.proofs.fuzz.samples import Sample, samples

EACH = int(os.environ.get("FUZZ_EVENTS", "60"))
SEED = int(os.environ.get("SEED", "1"))
ROUTES = [
    (variant, sample)
    for variant in ("", *variants())
    for sample in samples()
    if sample.system != dialects.EDGE and (not variant or variant in profiles()[sample.system].variants)
]


@pytest.fixture(scope="module")
def variant(request: pytest.FixtureRequest) -> str:
    """That of the systems, empty for the defaults."""
    found: str = getattr(request, "param", "")
    return found


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, variant: str) -> Iterator[OnAws]:
    """See OnAws."""
    with on_aws(tmp_path_factory.mktemp("fuzz"), variant) as api:
        yield api


def judged(api: OnAws, strategy: st.SearchStrategy[Request], *parts: object, variant: str = "") -> set[int]:
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
        found = [text for entry in api.entries for text in upstream_requests.judge(entry, variant)]
        assert found == [], api.entries

    each()
    return statuses


@pytest.mark.parametrize(
    ("variant", "sample"), ROUTES, ids=lambda part: getattr(part, "route", part), indirect=["variant"]
)
def test_a_route(api: OnAws, variant: str, sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = st.one_of(*(made.requests(sample, kind) for kind in made.KINDS))

    statuses = judged(api, kinds, sample.route, variant=variant)

    assert statuses & {200, 201, 202, 207}, "nothing got as far as the upstream"
    assert statuses >= {400} or sample.name in profiles()[sample.system].untracked
    assert "fault" not in capsys.readouterr().out


def test_unknown_paths(api: OnAws) -> None:
    assert judged(api, made.unknown(), "unknown") >= {400, 404}

"""The template's routes: every method of a path is its function's, and no path is there twice."""

from collections import Counter

import pytest

from tests.architecture.house import ALL, ENDPOINTS, TEMPLATE, Function

CATCH_ALL = {"/", "/{proxy+}"}


def test_every_route_takes_every_method() -> None:
    single = [f"{route.method} {route.path}" for route in TEMPLATE.routes if route.method != "ANY"]

    # API Gateway would answer another method 403 "Missing Authentication Token", and no preflight.
    assert not single, f"template.yaml: say `Method: ANY` for {', '.join(single)}; the handler answers 405"


def test_no_route_ends_in_a_slash() -> None:
    slashed = [route.path for route in TEMPLATE.routes if route.path != "/" and route.path.endswith("/")]

    assert not slashed, f"template.yaml: drop the slash of {', '.join(slashed)}; REST serves both forms"


def test_no_path_is_there_twice() -> None:
    counted = Counter(route.path for route in TEMPLATE.routes)

    assert [path for path, times in counted.items() if times > 1] == []


def test_what_no_route_has_is_the_edges() -> None:
    (edge,) = (function for function in ENDPOINTS if function.folder == "edge")

    assert set(edge.paths) == CATCH_ALL, "other paths get API Gateway's 403 instead of a dialect's 404"


@pytest.mark.parametrize("function", ALL, ids=str)
def test_routes_are_of_the_one_api(function: Function) -> None:
    for event in function.properties.get("Events", {}).values():
        if event["Type"] == "Api":
            assert event["Properties"]["RestApiId"] == {"Ref": "Api"}, (
                f"{function}: say `RestApiId: !Ref Api`, or SAM makes an API of its own"
            )

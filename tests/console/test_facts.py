"""What the console's page is told of its run."""

from dataclasses import replace
from pathlib import Path

from tests.console.asgi import HOST, call, cookie
from tests.console.conftest import ELSEWHERE, SANDBOXED
from tools.console.access import Access
from tools.console.facts import Facts
from tools.console.guard import App
from tools.systems.registry import profiles


def test_a_run_has_its_addresses_and_each_systems_sample_events(app: App, access: Access) -> None:
    run = call(app, "GET", "/api/run", [HOST, cookie(access)]).json()

    assert (run["version"], run["api"], run["placeholder"]) == (
        "1.2.3",
        "http://127.0.0.1:3000",
        "$CLIENT_KEY",
    )
    systems = {each["name"]: each for each in run["systems"]}
    assert systems.keys() == profiles().keys()
    for system in systems.values():
        for endpoint in system["endpoints"]:
            assert endpoint["path"].startswith("/")
            assert endpoint["title"] != endpoint["name"]
    assert [name for name, each in systems.items() if each["sandboxed"]] == [SANDBOXED]
    assert systems[ELSEWHERE]["upstream"] == "https://vendor.example"


def test_a_sample_shows_a_placeholder_for_the_key(facts: Facts) -> None:
    assert "local-client-key" not in str(facts.data())
    assert "$CLIENT_KEY" in str(facts.data()["systems"])
    commands = [each["curl"] for system in facts.data()["systems"] for each in system["endpoints"]]
    assert all(f"{facts.api}/" in each for each in commands)
    assert any('"$CLIENT_KEY"' in each for each in commands)


def test_a_command_to_a_run_with_a_certificate_of_its_own_trusts_it(facts: Facts) -> None:
    tls = replace(facts, api="https://127.0.0.1:3000", authority=Path("/home/a b/.trackgate/ca.pem"))

    commands = [each["curl"] for system in tls.data()["systems"] for each in system["endpoints"]]

    assert all(each.startswith("curl -i --cacert '/home/a b/.trackgate/ca.pem' ") for each in commands)
    assert "--cacert" not in str(facts.data())

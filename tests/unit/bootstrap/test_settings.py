"""Bad settings are named as the person typed them; good ones mean what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from academy.bootstrap.settings import Messages, Role, SettingsInvalid, load_settings

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.requirement("OPS-5")


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No setting of the machine's; data in a folder of its own."""
    for name in [name for name in os.environ if name.startswith(("ACADEMY_", "R2_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACADEMY_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


BAD = [
    ("ACADEMY_BIND", "foo"),
    ("ACADEMY_BIND", "127.0.0.1:70000"),
    ("ACADEMY_HEALTH_BIND", "9000"),
    ("ACADEMY_DATABASE_URL", "foo"),
    ("ACADEMY_DATABASE_URL", "postgresql://kim:hunter2@host:port/academy"),
    ("ACADEMY_DATABASE_URL", "mysql://kim:hunter2@host/academy"),
    ("ACADEMY_LEASE_SECONDS", "abc"),
    ("ACADEMY_PROFILE", "prod"),
    ("ACADEMY_RESULT_QUEUES", "bad name,ok"),
    ("ACADEMY_RESULT_QUEUES", "ok,häßlich"),
    ("ACADEMY_QUEUE_MESSAGING", "messaging.fifo"),
    ("ACADEMY_QUEUE_VIDEO", ""),
    ("ACADEMY_QUEUE_AI_LITE", "a" * 77),
]


def test_names_of_queues_that_every_broker_takes_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_RESULT_QUEUES", "school-7_results, B")
    monkeypatch.setenv("ACADEMY_QUEUE_VIDEO", "v" * 76)
    settings = load_settings()
    assert (settings.result_queues, settings.queue_video) == (("school-7_results", "B"), "v" * 76)


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_a_bad_value_is_named_by_its_variable_and_not_repeated(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    said = str(refused.value)
    assert said.startswith(f"{variable}: ")
    assert "Value error" not in said
    assert "hunter2" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "command", [("academy", "jobs", "list"), ("academy.interfaces.workers.reconciler", "--check")]
)
@pytest.mark.parametrize(
    ("variable", "value"), [BAD[0], BAD[3], BAD[6], BAD[8], ("ACADEMY_PROFIL", "production")]
)
def test_a_bad_setting_ends_a_process_with_78(
    command: tuple[str, ...], variable: str, value: str, bare: Path
) -> None:
    environment = {**os.environ, variable: value}
    ended = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, env=environment
    )
    assert ended.returncode == 78, ended.stderr
    assert variable in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not bare.exists()


def test_a_misspelt_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_TEST_POSTGRES_URL", "the tests' own")
    load_settings()
    monkeypatch.setenv("ACADEMY_LEASE_SECOND", "60")
    with pytest.raises(
        SettingsInvalid, match=r"ACADEMY_LEASE_SECOND: .* did you mean ACADEMY_LEASE_SECONDS\?"
    ):
        load_settings()


@pytest.mark.parametrize(
    ("bind", "base_url"),
    [
        ("", "http://127.0.0.1:8000"),
        ("127.0.0.1:8911", "http://127.0.0.1:8911"),
        ("0.0.0.0:8911", "http://127.0.0.1:8911"),
        ("[::]:8911", "http://127.0.0.1:8911"),
        ("[::1]:8911", "http://[::1]:8911"),
        ("academy.local:80", "http://academy.local:80"),
    ],
)
def test_addresses_follow_where_it_listens(bind: str, base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if bind:
        monkeypatch.setenv("ACADEMY_BIND", bind)
    assert load_settings().base_url == base_url
    monkeypatch.setenv("ACADEMY_BASE_URL", "https://academy.example")
    assert load_settings().base_url == "https://academy.example"


def printed_variables() -> dict[str, str]:
    """Return what the README's recipes for workers export, with a value for every "…"."""
    recipe = (ROOT / "README.md").read_text().partition("## A worker alone")[2].partition("\n## ")[0]
    exports = "\n".join(re.findall(r"^export (.*?)(?:\s+#.*)?$", recipe, re.MULTILINE))
    pairs = re.findall(r"([A-Z][A-Z0-9_]+)='?([^\s']*)'?", exports)
    return {name: value.replace("…", "x" * 40) for name, value in pairs if name != "PYTHONPATH"}


def test_the_readmes_worker_starts_with_what_is_printed_and_needs_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = printed_variables()
    for name, value in printed.items():
        monkeypatch.setenv(name, value)
    for role in (Role.VIDEO, Role.AI, Role.AI_GPU, Role.MESSAGING, Role.RELAY, Role.RECONCILER):
        load_settings(role)
    shared = {"ACADEMY_DATABASE_URL", "R2_ENDPOINT_URL", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"}
    solapi = {"ACADEMY_MESSAGE_PROVIDER", "ACADEMY_SOLAPI_API_KEY", "ACADEMY_SOLAPI_API_SECRET"}
    for role, needed in (
        (Role.VIDEO, shared | {"ACADEMY_CONTENT_SECRET"}),
        (Role.MESSAGING, shared | solapi),
    ):
        for name in needed:
            monkeypatch.delenv(name)
            with pytest.raises(SettingsInvalid, match=name):
                load_settings(role)
            monkeypatch.setenv(name, printed[name])


def test_the_messaging_worker_needs_none_of_the_video_workers_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in printed_variables().items():
        if name != "ACADEMY_CONTENT_SECRET":
            monkeypatch.setenv(name, value)
    assert load_settings(Role.MESSAGING).message_provider is Messages.SOLAPI


@pytest.mark.requirement("SEC-1")
@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ACADEMY_SOLAPI_URL", "http://api.solapi.com"),
        ("ACADEMY_SOLAPI_API_KEY", "key-with-hyphens"),
        ("ACADEMY_SOLAPI_API_KEY", "열쇠"),
        ("ACADEMY_SOLAPI_API_SECRET", ""),
        ("ACADEMY_MESSAGE_PROVIDER", "console"),
    ],
)
def test_production_sends_no_message_by_an_insecure_or_incomplete_setting(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, fitting in printed_variables().items():
        monkeypatch.setenv(name, fitting)
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid, match=variable) as refused:
        load_settings(Role.MESSAGING)
    assert not value or value not in str(refused.value).replace("(the console sends nothing)", "")
    load_settings(Role.VIDEO)


def test_all_in_one_process_needs_solapis_key_and_may_reach_a_server_for_trials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACADEMY_MESSAGE_PROVIDER", "solapi")
    monkeypatch.setenv("ACADEMY_SOLAPI_URL", "http://127.0.0.1:9325")
    with pytest.raises(SettingsInvalid, match="ACADEMY_SOLAPI_API_KEY"):
        load_settings(Role.API)
    monkeypatch.setenv("ACADEMY_SOLAPI_API_KEY", "KEYOFTHETEST0001")
    monkeypatch.setenv("ACADEMY_SOLAPI_API_SECRET", "secret of the test")
    load_settings(Role.API)
    load_settings(Role.MESSAGING)

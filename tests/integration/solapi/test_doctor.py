"""`academy doctor` asks the provider of text messages and says how to mend what is wrong, without a word of our secrets (OPS-5)."""

from pathlib import Path

import pytest
from tests.support.servers.solapi import API_KEY, API_SECRET, SolapiServer

from academy.bootstrap.operator import Finding, diagnose, migrate_database
from academy.bootstrap.settings import Messages, Profile, Role, Settings, load_settings

pytestmark = [pytest.mark.requirement("OPS-5"), pytest.mark.requirement("SEC-3")]


def settings_of(folder: Path, **given: object) -> Settings:
    """Return the settings of an installation whose database is there."""
    settings = load_settings(Role.API, data_dir=folder / "var", **given)
    migrate_database(settings)
    return settings


def solapi(url: str, secret: str = API_SECRET) -> dict[str, object]:
    return {
        "message_provider": Messages.SOLAPI,
        "solapi_url": url,
        "solapi_api_key": API_KEY,
        "solapi_api_secret": secret,
    }


async def of_messages(settings: Settings) -> list[Finding]:
    return [found for found in await diagnose(settings, media=False) if found.what == "messages"]


async def test_it_says_what_is_left_on_our_account(server: SolapiServer, tmp_path: Path) -> None:
    server.account.balance, server.account.point = 12_000, 345
    (found,) = await of_messages(settings_of(tmp_path, **solapi(server.url)))
    assert (found.ok, found.text) == (True, "solapi answers, 12,345 won left on our account")


async def test_an_empty_account_is_found(server: SolapiServer, tmp_path: Path) -> None:
    server.account.balance = 0
    (found,) = await of_messages(settings_of(tmp_path, **solapi(server.url)))
    assert (found.ok, "nothing is left" in found.text, "has money" in found.mend) == (False, True, True)


async def test_a_wrong_secret_is_a_sentence_and_stays_secret(server: SolapiServer, tmp_path: Path) -> None:
    (found,) = await of_messages(settings_of(tmp_path, **solapi(server.url, "a wrong secret")))
    assert (found.ok, "Solapi refuses our key" in found.text) == (False, True)
    assert "ACADEMY_SOLAPI_API_SECRET" in found.mend
    assert "a wrong secret" not in found.text + found.mend


async def test_an_address_that_nobody_answers_is_found(tmp_path: Path) -> None:
    (found,) = await of_messages(settings_of(tmp_path, **solapi("http://127.0.0.1:1")))
    assert (found.ok, "ACADEMY_SOLAPI_URL" in found.mend) == (False, True)


async def test_the_embedded_profile_says_that_nothing_is_sent(tmp_path: Path) -> None:
    (found,) = await of_messages(settings_of(tmp_path))
    assert (found.ok, "sent to nobody" in found.text) == (True, True)


async def test_a_production_machine_that_sends_nothing_is_not_asked(tmp_path: Path) -> None:
    settings = settings_of(tmp_path).model_copy(update={"profile": Profile.PRODUCTION})
    assert await of_messages(settings) == []
    assert not (tmp_path / "var" / "messages").exists()

"""The command `atlante sign`: what is signed is shown, and what was shown is signed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from geo_core.catalog import CodeList
from geo_core.commands.common import OUT, settings_at
from geo_core.errors import SettingsError
from geo_core.model.policy import Policies
from geo_core.options import Home
from geo_core.signing import FILE, fingerprint
from geo_core.signing import sign as sign_policies
from geo_core.strict_yaml import read_document


def sign(
    home: Home = None,
    by: Annotated[str | None, typer.Option(help="Name and office of who signs.")] = None,
    on: Annotated[
        str | None, typer.Option(help="Day of the signature.", metavar="YYYY-MM-DD")
    ] = None,
) -> None:
    """Show how records of persons are protected; with --by and --on, sign it."""
    project = settings_at(home).project
    if (by is None) != (on is None):
        raise typer.BadParameter("--by goes with --on")
    if by is not None and on is not None:
        policies = sign_policies(project, by=_signer(by), on=_day(on))
    else:
        policies = read_document(project / FILE, Policies)
    from geo_core.commands.policy_words import explained

    OUT.print(explained(policies, _titles(project, policies)))
    for line in _state(policies):
        OUT.print(Text(line), soft_wrap=True)


def _signer(text: str) -> str:
    # The statement of every release repeats it, where the audit takes a number for a count.
    if any(character.isdigit() for character in text):
        raise SettingsError(
            "has a number", where="--by", hint="write name and office of who signs, without numbers"
        )
    return text


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--on is a day, as 2026-11-22") from None
    # The day it is in Italy, or by summer time could be.
    if day > (datetime.now(UTC) + timedelta(hours=2)).date():
        raise SettingsError(
            "is a day that is not yet", where="--on", hint="write the day on which it is signed"
        )
    return day.isoformat()


def _titles(project: Path, policies: Policies) -> dict[str, dict[str, str]]:
    """Return the Italian titles of what each theme counts."""
    lists = project / "layers" / "codelists"
    named = {
        policy.codelist: {
            code.code: code.title.it
            for code in read_document(lists / f"{policy.codelist}.yml", CodeList).published
        }
        for policy in policies.policies.values()
    }
    return {
        name: {c: named[policy.codelist][c] for c in policy.categories}
        for name, policy in policies.policies.items()
    }


def _state(policies: Policies) -> list[str]:
    if policies.demonstration:
        return ["non firmato: dimostrazione", "not signed: a demonstration"]
    who = f"{policies.signed_by}, {policies.signed_on}"
    if policies.signature == fingerprint(policies):
        return [f"firmato: {who}", f"signed: {who}"]
    return [
        f"NON è ciò che è stato firmato: {who}",
        f"NOT what was signed: {who}",
    ]

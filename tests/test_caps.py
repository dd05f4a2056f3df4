"""What a signed policy may say of how much one person changes the counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from geo_core.model.policy import MOST_CHANGED, Policies
from geo_core.strict_yaml import read_document

FILE = Path(__file__).parents[1] / "config" / "disclosure.yml"


def said(theme: str, cap: int) -> dict[str, Any]:
    document = read_document(FILE, Policies).model_dump(mode="json")
    document["policies"][theme]["contribution_cap"] = cap
    return document


@pytest.mark.parametrize(("theme", "least"), MOST_CHANGED.items())
def test_a_cap_below_what_a_person_changes_is_refused(theme: str, least: int) -> None:
    assert Policies.model_validate(said(theme, least)).policies[theme].contribution_cap == least
    with pytest.raises(ValidationError, match=f"{theme}: one person changes {least} counts"):
        Policies.model_validate(said(theme, least - 1))

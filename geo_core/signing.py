"""The signature under the policies: it holds for what was read, and for nothing else.

`config/disclosure.yml` says who signed and when. Beside them stands a hash of all policies as the
build understands them. A policy that was changed after it was signed, weaker or not, stops a
build with real records until somebody signs again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from geo_core.errors import CatalogError, DisclosureError
from geo_core.model.policy import Policies
from geo_core.strict_yaml import read_document

FILE: Final = "config/disclosure.yml"
_SIGN: Final = (
    "have the data-protection officer read it and sign: atlante sign --by NAME --on YYYY-MM-DD"
)
_SIGNATURE: Final = re.compile(
    r"^(?:signed_by|signed_on|signature|demonstration):.*\n", re.MULTILINE
)
_POLICIES: Final = re.compile(r"^policies:", re.MULTILINE)


def fingerprint(policies: Policies) -> str:
    """Return the SHA-256 of who signed, when, and every policy with its defaults.

    Where a later version of Atlante reads the same file otherwise, it is another one: on purpose.
    """
    said = policies.model_dump(mode="json", exclude={"signature", "demonstration"})
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def refuse_unsigned(policies: Policies, real: Sequence[str]) -> None:
    """Raise `DisclosureError` if there are real records under policies that nobody signed.

    Parameters
    ----------
    policies : Policies
        The document that must be signed.
    real : sequence of str
        Tables with records of persons that are not invented.
    """
    if not real:
        return
    if policies.demonstration:
        raise DisclosureError(
            f"the signature is the demonstration's, and real records are in: {', '.join(real)}",
            where=FILE,
            hint=_SIGN,
        )
    if policies.signature != fingerprint(policies):
        raise DisclosureError(
            "the policies are not those that were signed, and real records are in: "
            f"{', '.join(real)}",
            where=FILE,
            hint=f"bring back the file that was signed; or {_SIGN}",
        )


def sign(project: Path, *, by: str, on: str) -> Policies:
    """Sign the policies of a project; the rest of the file stays, comments and all.

    Parameters
    ----------
    project : Path
        Folder with `config/`.
    by : str
        Name and office of who signs.
    on : str
        ISO date.

    Returns
    -------
    Policies
        The signed document.

    Raises
    ------
    CatalogError
        The file is wrong before or after.
    """
    path = project / FILE
    read_document(path, Policies)
    rest = _SIGNATURE.sub("", path.read_text(encoding="utf-8"))
    said = {"signed_by": by, "signed_on": on}
    staged = path.with_name(f"{path.stem}-new.yml")
    try:
        staged.write_text(_headed(rest, said), encoding="utf-8")
        said["signature"] = fingerprint(read_document(staged, Policies))
        staged.write_text(_headed(rest, said), encoding="utf-8")
        signed = read_document(staged, Policies)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
    return signed


def _headed(rest: str, said: dict[str, str]) -> str:
    """Put lines in front of the policies; a text in double quotes of JSON is one of YAML."""
    lines = "".join(f"{k}: {json.dumps(v, ensure_ascii=False)}\n" for k, v in said.items())
    text, found = _POLICIES.subn(lambda _: f"{lines}policies:", rest, count=1)
    if not found:
        raise CatalogError("has no line that begins with `policies:`", where=FILE)
    return text

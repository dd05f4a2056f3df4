"""Who publishes a district's data, who holds the rights and whom to write to.

Catalogues of open data cannot be harvested without these, and no data set holds them: they
are declared once, in `config/distretto.yml`, and travel in the manifest of every release.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from geo_core.model.text import Strict, Text


class Body(Strict):
    """An organisation of the catalogue.

    Attributes
    ----------
    ipa : str
        Its code in the index of public administrations (indicepa.gov.it).
    """

    name: Text
    ipa: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{2,30}$")]


Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{3,190}$")]


class Contact(Strict):
    """An office that answers questions on the data, never a person."""

    name: Text
    email: Address


class Publication(Strict):
    """What a catalogue must say beside the data.

    Attributes
    ----------
    publisher, rights_holder : Body
        Who makes the data available, and whose they are; often the same.
    namespace : UUID
        Root of the UUIDs of the HSDS export. Drawn once for an installation, so that services
        of two districts never share an identifier, and never changed afterwards.
    """

    publisher: Body
    rights_holder: Body
    contact: Contact
    namespace: UUID

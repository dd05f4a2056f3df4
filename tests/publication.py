"""Who publishes the releases of the tests."""

from __future__ import annotations

from uuid import UUID

from geo_core.model.publication import Body, Contact, Publication
from geo_core.model.text import Text

_BODY = Body(name=Text(it="Ente di prova", en="Test body"), ipa="prova")
PUBLICATION = Publication(
    publisher=_BODY,
    rights_holder=_BODY,
    contact=Contact(name=Text(it="Ufficio", en="Office"), email="ufficio@prova.invalid"),
    namespace=UUID("00000000-0000-4000-8000-000000000001"),
)

"""titiler as it comes, for comparison alone: it opens whatever address it is given."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from titiler.core.factory import TilerFactory

app: Final = FastAPI()
app.include_router(TilerFactory().router)

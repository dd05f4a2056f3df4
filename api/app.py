"""The whole server on one screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api import conformance, downloads, logs
from api.describe import feed
from api.describe import routes as describe
from api.dggs import routes as dggs
from api.embed import routes as embed
from api.errors import on_error, on_http_exception, on_invalid_request
from api.exchange import routes as exchange
from api.features import routes as features
from api.features import search
from api.lineage import routes as lineage
from api.metrics import Measured
from api.middleware import Boundary
from api.pages.templating import environment
from api.processes import routes as processes
from api.qgis import routes as qgis
from api.served import LOG, Releases
from api.settings import Settings
from api.styles import routes as styles
from api.territory import routes as territory
from api.tiles import raster, vector
from geo_core.errors import AtlanteError

CONFORMANCE: Final = (
    *conformance.FEATURES,
    *vector.CONFORMANCE,
    *dggs.CONFORMANCE,
    *processes.CONFORMANCE,
)
"""Requirements classes of everything that is mounted."""


def create_app(settings: Settings) -> Boundary:
    """Assemble the server: opens the current release, opens no socket, touches no global.

    Raises
    ------
    ServeError
        There is no valid release.
    """
    releases = Releases(settings)
    environment()  # every template is read before the server says that it is ready

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = Event()
        thread = releases.watch(stop)
        LOG.info("serving release %s at %s", releases.current.release.id, settings.public_url)
        yield
        stop.set()
        thread.join()

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        routes=[
            *search.routes(),
            *describe.routes(CONFORMANCE),
            *feed.routes(),
            *downloads.routes(releases),
            *lineage.routes(),
            *processes.routes(),
            *vector.routes(),
            *dggs.routes(),
            *styles.routes(),
            *qgis.routes(),
            *embed.routes(),
            *territory.routes(),
            *exchange.routes(),
        ],
    )
    app.include_router(raster.router())
    app.add_exception_handler(AtlanteError, on_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    return Boundary(
        app,
        direct=[*features.routes(), *vector.tiles()],
        releases=releases,
        frame_ancestors=settings.frame_ancestors,
        included=raster.addresses(),
    )


def from_environment() -> Boundary | Measured:
    """Return the server with the settings of the environment (a factory for ASGI servers)."""
    logs.to_stderr()
    settings = Settings()
    app = create_app(settings)
    return Measured(app, readers=settings.metrics) if settings.metrics else app

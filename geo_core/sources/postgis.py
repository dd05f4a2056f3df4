"""PostGIS: one table or view, in one read-only transaction."""

from __future__ import annotations

from typing import Any, Final

from geo_core.sources.base import (
    LIMITS,
    Job,
    Limits,
    Parsed,
    Reading,
    Source,
    check_names,
    check_size,
    refuse,
)
from geo_core.sources.text import cell

CONNECT_SECONDS: Final = 10
QUERY_SECONDS: Final = 25

_COLUMNS: Final = """
    SELECT a.attname, t.typname, t.typcategory, c.relkind
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""
_KEY: Final = """
    SELECT a.attname
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE n.nspname = %s AND c.relname = %s AND i.indisprimary
    ORDER BY array_position(i.indkey::int2[], a.attnum)
"""
_SHAPES: Final = frozenset({"geometry", "geography"})
_AS_THEY_ARE: Final = frozenset("BNDSA")
"""Categories of types that arrive as logical values, numbers, days, text and lists of these."""


def read(address: str, *, table: str, limits: Limits = LIMITS) -> Reading:
    """Read a table or view.

    Parameters
    ----------
    address : str
        As libpq reads it, `postgresql://host/database?sslmode=verify-full` or
        `service=NAME`; encryption, certificates and `~/.pgpass` are libpq's.
    table : str
        `schema.name`; without a schema it is `public`.
    limits : Limits
        What is accepted.

    Raises
    ------
    SourceError
        No connection, no such table, several geometries or reference systems, or beyond the
        limits. Never repeats the address.
    """
    from geo_core.sources import bounded  # noqa: PLC0415 - the parser runs without these
    from geo_core.sources.frame import assemble  # noqa: PLC0415

    job = Job(places=(table.replace("/", " "), address), layer=table, limits=limits)
    return assemble(job, bounded.parse(SOURCE, job))


def parse(job: Job) -> Parsed:
    """Read one table, ordered by its key, else as it is stored, else as the view says."""
    import psycopg  # noqa: PLC0415 - in the worker, after its limits

    _, address = job.places
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_SECONDS) as database:
            database.read_only = True
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            database.execute(f"SET LOCAL statement_timeout = '{QUERY_SECONDS}s'")
            database.execute("SET LOCAL timezone = 'UTC'")
            return _table(job, database)
    except psycopg.OperationalError:
        hint = "check host, database, user, password and sslmode; the user needs to read the table"
        refuse(job, "the database does not answer, or not in time", hint=hint)
    except psycopg.Error as error:
        hint = "try the table in a database client with the same user"
        refuse(job, f"the database refuses to read it (code {error.sqlstate})", hint=hint)


def _table(job: Job, database: Any) -> Parsed:
    schema, _, name = (job.layer or "").rpartition(".")
    place = (schema or "public", name)
    columns = database.execute(_COLUMNS, place).fetchall()
    if not columns:
        hint = "write it as schema.name; capital letters count"
        refuse(job, "there is no such table or view, or it may not be read", hint=hint)
    names = [column[0] for column in columns if column[1] not in _SHAPES]
    shapes = [column[0] for column in columns if column[1] in _SHAPES]
    check_names(job, names, at="its columns")
    if len(shapes) > 1:
        hint = "make a view with one of them"
        refuse(job, f"has {len(shapes)} columns of geometry", hint=hint)
    fetched = _fetched(job, database, place, columns)
    check_size(job, rows=len(fetched), columns=len(names))
    crs = _crs(job, database, place, shapes[0]) if shapes else None
    body = list(zip(*fetched, strict=True)) or [()] * (len(names) + len(shapes))
    return Parsed(
        columns={
            name: [cell(job, value, column=name, row=row) for row, value in enumerate(values, 1)]
            for name, values in zip(names, body, strict=False)
        },
        rows=range(1, len(fetched) + 1),
        wkb=list(body[-1]) if shapes else None,
        crs=crs,
    )


def _fetched(
    job: Job, database: Any, place: tuple[str, str], columns: list[Any]
) -> list[tuple[Any, ...]]:
    """Return the rows, the geometry last."""
    from psycopg import sql  # noqa: PLC0415 - in the worker, after its limits

    parts = [_value(job, *column[:3]) for column in columns if column[1] not in _SHAPES]
    parts += [
        sql.SQL("ST_AsBinary(ST_Force2D({}::geometry))").format(sql.Identifier(column[0]))
        for column in columns
        if column[1] in _SHAPES
    ]
    order = [sql.Identifier(key) for (key,) in database.execute(_KEY, place).fetchall()]
    if not order and columns[0][3] in {"r", "m"}:
        order = [sql.Identifier("ctid")]
    query = sql.SQL("SELECT {} FROM {}{} LIMIT {}").format(
        sql.SQL(", ").join(parts),
        sql.Identifier(*place),
        sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(order)) if order else sql.SQL(""),
        sql.Literal(job.limits.rows + 1),
    )
    rows: list[tuple[Any, ...]] = database.execute(query).fetchall()
    return rows


def _value(job: Job, name: str, kind: str, category: str) -> Any:
    from psycopg import sql  # noqa: PLC0415 - in the worker, after its limits

    if kind == "bytea":
        refuse(job, "holds bytes", at=f"column {name}", hint="make a view without this column")
    form = "{}" if category in _AS_THEY_ARE else "{}::text"
    return sql.SQL(form).format(sql.Identifier(name))


def _crs(job: Job, database: Any, place: tuple[str, str], shape: str) -> str | None:
    from psycopg import sql  # noqa: PLC0415 - in the worker, after its limits

    column = sql.Identifier(shape)
    query = sql.SQL(
        "SELECT DISTINCT ST_SRID({}::geometry) FROM {} WHERE {} IS NOT NULL LIMIT 2"
    ).format(column, sql.Identifier(*place), column)
    systems = [number for (number,) in database.execute(query).fetchall()]
    if len(systems) > 1:
        hint = "bring them into one with ST_Transform"
        refuse(job, "its geometries are in several reference systems", hint=hint)
    if not systems:
        # Nothing is drawn: any system does.
        return "EPSG:4326"
    return f"EPSG:{systems[0]}" if systems[0] else None


SOURCE: Final = Source("PostGIS", (), parse)

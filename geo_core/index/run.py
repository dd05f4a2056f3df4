"""Which methods there are, and how one is run on files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from geo_core.errors import SettingsError
from geo_core.index import ampi, catchment, imd, means, rates, spatial, standardised, svi
from geo_core.index.result import Result, write_record, write_result
from geo_core.index.spec import Spec, read_spec
from geo_core.index.table import Inputs


class Method(NamedTuple):
    """A method: what it may be told, and the function that computes it."""

    spec: type[Spec]
    compute: Callable[[Any, Inputs], Result]


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "2sfca": Method(catchment.CatchmentSpec, catchment.compute),
        "ampi": Method(ampi.AmpiSpec, ampi.compute),
        "direct_rates": Method(standardised.DirectSpec, standardised.compute_direct),
        "empirical_bayes": Method(rates.BayesSpec, rates.compute_bayes),
        "gi": Method(spatial.HotSpec, spatial.compute_hot),
        "gi_star": Method(spatial.HotSpec, spatial.compute_hot),
        "global_g": Method(spatial.GlobalSpec, spatial.compute_global_g),
        "global_moran": Method(spatial.MoranSpec, spatial.compute_global_moran),
        "imd": Method(imd.ImdSpec, imd.compute),
        "indirect_rates": Method(standardised.IndirectSpec, standardised.compute_indirect),
        "local_moran": Method(spatial.MoranSpec, spatial.compute_local),
        "means": Method(means.MeansSpec, means.compute),
        "rates": Method(rates.RatesSpec, rates.compute_rates),
        "svi": Method(svi.SviSpec, svi.compute),
    }
)
"""Every method, by the name that a specification calls it by."""


def run(spec_file: Path, data_file: Path, out: Path) -> tuple[Result, Path]:
    """Compute one method on one table and write what comes out.

    Parameters
    ----------
    spec_file : Path
        The specification, YAML.
    data_file : Path
        The table of units, CSV.
    out : Path
        The table that is written; beside it, with the ending ``.metodo.json``, how it was made.

    Returns
    -------
    Result and Path
        What was written, and the file that says how.

    Raises
    ------
    AtlanteError
        Says what is wrong, where, and what to do.
    """
    record = _record_beside(out)
    spec = read_spec(spec_file, {name: method.spec for name, method in METHODS.items()})
    inputs = Inputs.open(data_file, spec, spec_file.parent)
    result = METHODS[spec.method].compute(spec, inputs)
    for path in (out, record):
        _check_apart(path, [spec_file, *inputs.paths])
    write_result(result, out)
    write_record(_record(spec_file, inputs, result), record)
    return result, record


def _record_beside(out: Path) -> Path:
    """Return where it is told how a table was computed; the table can be written, as it seems."""
    if out.exists() and not out.is_file():
        hint = "give the name of a file"
        raise SettingsError("is not a file", where="--out", hint=hint)
    if not out.parent.is_dir():
        raise SettingsError("its folder is not there", where="--out", hint="make the folder first")
    return out.with_name(f"{out.name}.metodo.json")


def _check_apart(out: Path, inputs: Sequence[Path]) -> None:
    if any(out.resolve() == path.resolve() for path in inputs):
        hint = "give another name to what is written"
        raise SettingsError("is a file that is read", where="--out", hint=hint)


def _record(spec_file: Path, inputs: Inputs, result: Result) -> dict[str, Any]:
    return {
        "method": inputs.spec.method,
        "atlante": version("atlante"),
        "specification": inputs.spec.model_dump(mode="json"),
        "files": {spec_file.name: sha256(spec_file.read_bytes()).hexdigest(), **inputs.files},
        "computed": dict(result.record),
    }

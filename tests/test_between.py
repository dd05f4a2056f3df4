"""What changed between two releases: beyond noise, by another method, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from geo_core.between import FIGURES, changes, counts
from geo_core.cli import app
from geo_core.errors import ReleaseError
from geo_core.release.read import Release


def revised(release: Release, folder: Path, **edits) -> Release:
    """Copy the figures of a release, some tables edited."""
    for name in FIGURES:
        file = f"collections/{name}/features.parquet"
        if any(entry.path == file for entry in release.manifest.files):
            table = parquet.read_table(release.folder / file)
            frame = table.drop_columns(["geometry", "bbox"][: "bbox" in table.column_names])
            frame = frame.to_pandas() if name not in edits else edits[name](frame.to_pandas())
            (folder / file).parent.mkdir(parents=True)
            frame.to_parquet(folder / file)
    return replace(release, folder=folder)


def test_the_same_release_has_no_change_beyond_noise(demo_release: Release):
    found = changes(demo_release, demo_release)
    assert set(found["tipo"]) == {"rumore", "no-data"}
    assert set(found["raccolta"]) >= {"valori_indicatori", "rischio_comuni", "rischio_h3_r7"}
    assert (found["variazione"].dropna() == 0).all()


def test_every_kind_of_change_is_told(demo_release: Release, tmp_path: Path):
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.set_index("id")
        share = "DEM03-comune-002158-2023"
        for name in ("valore", "ic_inf", "ic_sup"):
            frame.loc[share, name] += 50
        frame.loc["DEM03-comune-002042-2023", "valore"] += 0.01
        frame.loc["DEM02-comune-002158-2023", "versione"] = 2
        return frame.drop("DEM01-comune-002158-2023").reset_index()

    now = revised(demo_release, tmp_path, valori_indicatori=edit)
    found = changes(demo_release, now).set_index("id")
    assert found.loc["DEM03-comune-002158-2023", "tipo"] == "aumento"
    assert found.loc["DEM03-comune-002158-2023", "variazione"] == pytest.approx(50)
    assert found.loc["DEM03-comune-002042-2023", "tipo"] == "rumore"
    for ident, kind in (("DEM02", "metodo"), ("DEM01", "solo-una")):
        row = found.loc[f"{ident}-comune-002158-2023"]
        assert row["tipo"] == kind
        assert pd.isna(row["variazione"])
    back = changes(now, demo_release).set_index("id")
    assert back.loc["DEM03-comune-002158-2023", "tipo"] == "diminuzione"
    tally = dict(counts(found.reset_index()))["valori_indicatori"]
    assert tally["aumento"] == tally["metodo"] == tally["solo-una"] == 1


def test_releases_without_intervals_are_refused(demo_release: Release):
    nothing = demo_release.manifest.model_copy(update={"collections": ()})
    with pytest.raises(ReleaseError, match="in common"):
        changes(demo_release, replace(demo_release, manifest=nothing))


def test_the_command_writes_every_figure(demo_release: Release, tmp_path: Path):
    home, out = demo_release.folder.parents[1], tmp_path / "c.csv"
    asked = ["changes", demo_release.id, demo_release.id, "--home", str(home), "-o", str(out)]
    run = CliRunner().invoke(app, asked)
    assert run.exit_code == 0, run.output
    assert "nessuna oltre il rumore" in run.output
    assert len(pd.read_csv(out)) > 1_500

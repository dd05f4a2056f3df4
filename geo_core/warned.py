"""What a build warns of, in Italian and then in English: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from geo_core.ground import Ground
from geo_core.indicators.reach import public
from geo_core.indicators.travel import GivenTimes, travel
from geo_core.ingest.handed_in import HandedIn
from geo_core.model.district import District
from geo_core.model.layer import Invented
from geo_core.model.text import Text


def lacking(ground: Ground) -> list[str]:
    """Warn of residents in no cell, and of cells and offices without a travel time."""
    return [*unplaced(ground.handed), *untimed(ground)]


def unplaced(handed: HandedIn) -> list[str]:
    """Warn of municipalities whose residents are in no cell."""
    if not handed.unplaced:
        return []
    places = ", ".join(handed.unplaced)
    return _warning(
        Text(
            it=f"in popolazione.csv non c'è nessuno di {places}",
            en=f"popolazione.csv has nobody of {places}",
        ),
        Text(
            it="i loro esagoni non contano residenti: per loro non escono né rischio né bisogni",
            en="their hexagons count no residents, and no risk or need is published for them",
        ),
        Text(
            it="caricare una popolazione, o rifare `atlante synth` se è la dimostrazione",
            en="import a population, or run `atlante synth` again for a demonstration",
        ),
    )


def untimed(ground: Ground) -> list[str]:
    """Warn of inhabited cells and public offices that the given table of times does not have."""
    inhabited = ground.cells.index[ground.cells.sum(axis=1) > 0]
    known = travel(inhabited, ground.handed.times, ground.indicators.accessibility)
    if not isinstance(known, GivenTimes):
        return []
    cells, offices = known.untimed(public(ground.handed.register["sedi"]))
    if not cells and not offices:
        return []
    return _warning(
        Text(
            it=f"tempi.csv non ha alcun tempo per {cells} celle abitate e {offices} sedi pubbliche",
            en=f"tempi.csv has no time for {cells} inhabited cells and {offices} public offices",
        ),
        Text(
            it="valgono come irraggiungibili, e gli esagoni lo dicono",
            en="they count as unreachable, and the hexagons say so",
        ),
        Text(
            it="rifare i tempi, se le sedi o gli abitanti sono cambiati",
            en="make the times again if offices or residents have changed",
        ),
    )


def exposed(releases: Sequence[str]) -> list[str]:
    """Warn of earlier releases that publish a place which is secret today."""
    if not releases:
        return []
    named = ", ".join(releases)
    command = f"atlante releases {' '.join(f'--forget {ident}' for ident in releases)}"
    return _warning(
        Text(
            it=f"un luogo che ora è segreto sta in versioni di prima: {named}",
            en=f"a place that is secret now stands in earlier releases: {named}",
        ),
        Text(it=f"toglierle: {command}", en=f"remove them: {command}"),
        Text(
            it="e ogni loro copia altrove: su altri server, nelle copie di riserva, presso chi le "
            "ha prese",
            en="and every copy of them elsewhere: on other servers, in backups, at those who took "
            "them",
        ),
    )


def unnamed(district: District, invented: Invented) -> list[str]:
    """Warn of real rows that go out in the name of the demonstration."""
    if not district.demonstration or invented == "all":
        return []
    return _warning(
        Text(
            it="escono dati veri a nome della dimostrazione, anche nei cataloghi",
            en="real data go out in the name of the demonstration, in catalogues too",
        ),
        Text(
            it="in config/distretto.yml scrivere chi pubblica, chi detiene i diritti e a chi "
            "rivolgersi (publication), e togliere la riga `demonstration: true`",
            en="write in config/distretto.yml who publishes, who holds the rights and whom to "
            "write to (publication), and take the line `demonstration: true` out",
        ),
    )


def _warning(what: Text, *more: Text) -> list[str]:
    return [
        f"ATTENZIONE: {what.it}",
        *(f"  {text.it}" for text in more),
        f"WARNING: {what.en}",
        *(f"  {text.en}" for text in more),
    ]

"""What the policies mean, in the words of the person who signs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from geo_core.model.policy import Policies, Policy, RoundedPolicy, UnitPolicy
from geo_core.statement.statement import PRIORS, posterior_cap

type _Theme = Policy | RoundedPolicy | UnitPolicy
type Titles = Mapping[str, Mapping[str, str]]
"""By theme, the Italian titles of its categories."""

PRIOR: Final = PRIORS[1]
"""What somebody believed before, in the table of what can be learnt: as on the public page."""
_WHERE: Final = {"sedi": "sede", "ambiti": "ente gestore"}
_ONCE: Final = "senza limite"


def explained(policies: Policies, titles: Titles) -> Group:
    """Return, theme by theme, what is published and how it is protected; then what can be learnt.

    Parameters
    ----------
    policies : Policies
        What is signed.
    titles : mapping
        See `Titles`.
    """
    return Group(*_themes(policies, titles), _learnt(policies))


def _themes(policies: Policies, titles: Titles) -> Iterator[RenderableType]:
    for name, policy in policies.policies.items():
        lines = Table.grid(padding=(0, 2))
        lines.add_column(no_wrap=True)
        lines.add_column()
        lines.add_row("  si pubblica", Text(_published(policy, titles[name])))
        lines.add_row("  si conta", Text("; ".join(titles[name].values())))
        lines.add_row("  se sono pochi", Text(_few(policy)))
        lines.add_row("  protezione", Text(_protection(policy)))
        yield Text.assemble((policy.title.it, "bold"), f" ({name})")
        yield lines
        yield Text()


def _published(policy: _Theme, titles: Mapping[str, str]) -> str:
    if isinstance(policy, UnitPolicy):
        return f"conteggi per {_WHERE[policy.on]}"
    larger: dict[int, list[str]] = {}
    for category, least in policy.p_min_by_category.items():
        larger.setdefault(least, []).append(titles[category])
    more = "".join(f" ({n} per {'; '.join(named)})" for n, named in larger.items())
    return f"conteggi per zone di almeno {policy.p_min} residenti{more}"


def _few(policy: _Theme) -> str:
    if isinstance(policy, UnitPolicy):
        return f"sotto {policy.fewest} in tutto non si scrive nulla"
    return f"da 0 a {policy.band_max} non si scrive il numero, si legge «0-{policy.band_max}»"


def _protection(policy: _Theme) -> str:
    changed = f"una persona cambia i conteggi al massimo di {policy.contribution_cap}"
    if isinstance(policy, RoundedPolicy):
        return f"arrotondamento a multipli di 5, una pubblicazione sola; {changed}"
    return (
        f"rumore, epsilon {_it(policy.epsilon)} ogni volta che si estraggono cifre, "
        f"al massimo {_it(policy.epsilon_year)} per i dati di un anno; {changed}"
    )


def _learnt(policies: Policies) -> Table:
    table = Table(
        title="Quanto si può capire di una persona",
        title_style="bold",
        title_justify="left",
        caption="Al massimo: quanto può credere che una persona sia contata, dopo aver letto le "
        f"cifre di un anno, chi prima lo credeva {_in_100(PRIOR)} e sa tutto degli altri. La somma "
        "vale per chi fosse contato in tutti i temi.",
        caption_justify="left",
    )
    table.add_column("tema")
    for head in ("epsilon", "tetto dell'anno", "al massimo"):
        table.add_column(head, justify="right")
    noisy = [p for p in policies.policies.values() if not isinstance(p, RoundedPolicy)]
    for policy in policies.policies.values():
        if isinstance(policy, RoundedPolicy):
            table.add_row(policy.title.it, "—", "—", _ONCE)
        else:
            table.add_row(policy.title.it, *_figures(policy.epsilon, policy.epsilon_year))
    table.add_section()
    once, year = (sum(getattr(p, name) for p in noisy) for name in ("epsilon", "epsilon_year"))
    table.add_row("somma", *_figures(once, year), style="bold")
    return table


def _figures(epsilon: float, epsilon_year: float) -> tuple[str, str, str]:
    return _it(epsilon), _it(epsilon_year), _in_100(posterior_cap(PRIOR, epsilon_year))


def _in_100(share: float) -> str:
    return f"{_it(round(100 * share, 1))} su 100"


def _it(number: float) -> str:
    return f"{number:g}".replace(".", ",")

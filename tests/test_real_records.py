"""What must hold before real records of persons are published, and what a year may reveal."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from disclose_district import POLICIES
from test_disclose_store import a_draw

from geo_core.disclose.sealed import Prepared
from geo_core.errors import DisclosureError
from geo_core.pipeline import _refuse_real
from geo_core.protected_layers import _Part, _told
from geo_core.signing import fingerprint
from geo_core.spending import Teller
from geo_core.statement.statement import PRIORS, _total, posterior_cap

UNSIGNED = POLICIES.model_copy(update={"demonstration": True})
SIGNED = POLICIES.model_copy(update={"demonstration": False, "signature": fingerprint(POLICIES)})
SOME = pd.DataFrame({"n": [1]})


def refuse(policies, *, method="censimento", invented=(), **tables):
    """Build with as many records per table as told."""
    ground = SimpleNamespace(
        handed=SimpleNamespace(
            records={name: SimpleNamespace(counts=SOME.head(n)) for name, n in tables.items()},
            population=pd.DataFrame({"cod_istat": ["002001"], "metodo": [method]}),
        ),
        invented=lambda name: name in invented,
    )
    _refuse_real(SimpleNamespace(policies=policies), ground)


def test_real_records_need_a_signature_and_a_known_population():
    refuse(SIGNED, rilevazioni=1, valutazioni=1)
    with pytest.raises(DisclosureError, match=r"demonstration's.*rilevazioni"):
        refuse(UNSIGNED, rilevazioni=1, domanda=1, invented=("domanda",))
    with pytest.raises(DisclosureError, match=r"not known .*: rilevazioni\n"):
        refuse(SIGNED, method="areale", rilevazioni=1, valutazioni=1)


def test_a_policy_that_was_changed_since_is_not_the_one_that_was_signed():
    weaker = SIGNED.policies["bisogni"].model_copy(update={"p_min": 50})
    changed = SIGNED.model_copy(update={"policies": SIGNED.policies | {"bisogni": weaker}})
    with pytest.raises(DisclosureError, match="not those that were signed"):
        refuse(changed, rilevazioni=1)


def test_invented_or_no_records_need_neither():
    refuse(UNSIGNED, method="sintetico", rilevazioni=1, domanda=0, invented=("rilevazioni",))


def test_marks_of_offices_need_no_population():
    refuse(SIGNED, method="areale", valutazioni=1)


def test_a_theme_waits_only_if_it_has_records():
    made = pd.DataFrame({"tabella": ["rilevazioni"], "periodo": ["2023-04"]})
    teller = Teller(made, {"bisogni": ["rilevazioni"]}, "2023-12-31")
    draws = (a_draw(), a_draw(year=2022, records=False), a_draw(year=2021))
    prepared = _told(Prepared(draws, list), lambda _: _Part([], (), ()), teller)
    said = "\n".join(prepared.finish([None, None, object()]).notes)
    assert "bisogni 2023 is waiting" in said
    assert "2022" not in said
    assert "bisogni 2021" not in said


def test_what_a_year_may_reveal_is_the_sum_of_what_its_themes_may():
    themes = [
        SimpleNamespace(theme="a", epsilon=1.0, epsilon_year=3.0),
        SimpleNamespace(theme="b", epsilon=0.5, epsilon_year=0.5),
        SimpleNamespace(theme="c", epsilon=None, epsilon_year=None),
    ]
    total = _total(2023, themes)
    assert (total.epsilon, total.epsilon_year) == (1.5, 3.5)
    assert (total.themes, total.without_epsilon) == (("a", "b"), ("c",))
    for prior, cap in zip(PRIORS, total.posterior_caps, strict=True):
        assert cap.prior == prior
        assert cap.release == posterior_cap(prior, 1.5)
        assert cap.year == posterior_cap(prior, 3.5)

"""The invented district's vocabulary: what its services, bodies and opportunities are called.

Every name says that it is a demonstration, so that nobody takes it for a real office.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of service and the office that gives it.

    Attributes
    ----------
    kind : str
        Code of `tipo_servizio`.
    siuss : str
        Code of the benefit; empty if there is none.
    areas, targets : str
        Codes separated by ``;``.
    office : str
        Code of `tipo_sede`.
    weight : int
        How common the kind is.
    places : tuple of 2 ints | None
        Smallest and largest capacity of an office; None where places make no sense.
    cost : tuple of 2 ints | None
        Lowest and highest monthly cost to the user, EUR.
    ages : tuple
        Youngest and oldest user, years; None where open.
    """

    kind: str
    siuss: str
    areas: str
    targets: str
    office: str
    weight: int
    it: str
    en: str
    places: tuple[int, int] | None = None
    cost: tuple[int, int] | None = None
    ages: tuple[int | None, int | None] = (None, None)


RESERVED_SERVICE: Final = Service(
    kind="antiviolenza",
    siuss="",
    areas="FAM",
    targets="tutti",
    office="centro_antiviolenza",
    weight=0,
    it="Sostegno a chi subisce violenza",
    en="Support against violence",
)

# fmt: off
SERVICES: Final = (
    Service("sportello_sociale", "", "MUL", "tutti", "sportello_sociale", 26,
            "Sportello sociale", "Social desk"),
    Service("nido", "A3.03", "FAM", "minori;giovani_coppie", "nido", 12,
            "Nido", "Nursery", places=(10, 42), cost=(120, 480), ages=(0, 2)),
    Service("micronido", "A3.03", "FAM", "prima_infanzia", "nido", 4,
            "Micronido", "Micro-nursery", places=(4, 10), cost=(120, 420), ages=(0, 2)),
    Service("servizi_infanzia", "A2.10", "FAM", "minori", "nido", 5,
            "Spazio gioco", "Play space", places=(8, 20), cost=(0, 90), ages=(0, 5)),
    Service("assistenza_domiciliare", "A2.07", "ANZ;DIS", "anziani;disabili",
            "sportello_sociale", 14, "Assistenza domiciliare", "Home care", cost=(0, 260)),
    Service("telesoccorso", "A2.21", "ANZ", "anziani", "sportello_sociale", 4,
            "Telesoccorso", "Emergency telecare", cost=(0, 25), ages=(65, None)),
    Service("pasti_domicilio", "A2.13", "ANZ;DIS", "anziani", "sportello_sociale", 5,
            "Pasti a domicilio", "Meals at home", cost=(60, 210)),
    Service("trasporto_sociale", "A2.14", "ANZ;DIS", "anziani;disabili", "sportello_sociale", 8,
            "Trasporto sociale", "Social transport", cost=(0, 60)),
    Service("centro_diurno", "A3.01", "DIS;ANZ", "disabili;anziani", "centro_diurno", 10,
            "Centro diurno", "Day centre", places=(10, 30), cost=(0, 420), ages=(18, None)),
    Service("struttura_residenziale", "A3.02", "ANZ", "anziani", "struttura_residenziale", 12,
            "Residenza", "Residential home", places=(20, 95), cost=(900, 1800), ages=(65, None)),
    Service("edilizia_sociale", "A3.04", "POV;FAM", "monogenitori;separati;giovani_coppie",
            "polo", 5, "Alloggi sociali", "Social housing", places=(4, 24), cost=(60, 320)),
    Service("mensa_sociale", "A2.01", "POV", "tutti", "mensa", 4,
            "Mensa sociale", "Soup kitchen", places=(20, 60)),
    Service("distribuzione_beni", "A2.22", "POV;FAM", "tutti", "emporio", 7,
            "Emporio solidale", "Solidarity shop"),
    Service("inserimento_lavorativo", "A2.09", "DIS;POV;IMM", "disoccupati;disabili;immigrati",
            "centro_riuso", 8, "Inserimento lavorativo", "Work placement", ages=(16, 66)),
    Service("educativa_territoriale", "A2.02", "FAM", "minori;minori_rischio",
            "centro_aggregazione", 5, "Educativa territoriale", "Educational support",
            ages=(6, 17)),
    Service("mutuo_aiuto", "A2.20", "ANZ;FAM", "anziani;caregiver", "centro_aggregazione", 4,
            "Prossimità e mutuo aiuto", "Neighbourhood mutual aid"),
    Service("condivisa", "", "MUL", "tutti", "amministrazione_condivisa", 2,
            "Sportello per i cittadini attivi", "Desk for active citizens"),
    Service("centro_impiego", "", "MUL", "disoccupati", "centro_impiego", 3,
            "Servizi per il lavoro", "Employment services", ages=(16, 66)),
)
# fmt: on

OFFICE_NAMES: Final = {
    "sportello_sociale": ("Sportello sociale dimostrativo", "Demonstration social desk"),
    "polo": ("Polo sociale dimostrativo", "Demonstration social hub"),
    "centro_impiego": ("Centro per l'impiego dimostrativo", "Demonstration job centre"),
    "nido": ("Nido dimostrativo", "Demonstration nursery"),
    "centro_diurno": ("Centro diurno dimostrativo", "Demonstration day centre"),
    "struttura_residenziale": ("Residenza dimostrativa", "Demonstration residential home"),
    "emporio": ("Emporio solidale dimostrativo", "Demonstration solidarity shop"),
    "centro_riuso": ("Centro del riuso dimostrativo", "Demonstration reuse centre"),
    "mensa": ("Mensa dimostrativa", "Demonstration canteen"),
    "centro_aggregazione": (
        "Centro di aggregazione dimostrativo",
        "Demonstration community centre",
    ),
    "amministrazione_condivisa": (
        "Sportello dimostrativo dell'amministrazione condivisa",
        "Demonstration desk for shared administration",
    ),
    "centro_antiviolenza": (
        "Centro antiviolenza dimostrativo",
        "Demonstration anti-violence centre",
    ),
}

BODIES: Final = (
    # tipo, forma giuridica, how many, name
    ("consorzio", "", 4, "Ente gestore dimostrativo"),
    ("asl", "2.5.00", 1, "Azienda sanitaria dimostrativa"),
    ("cpi", "", 3, "Centro per l'impiego dimostrativo"),
    ("comune", "2.4.50", 4, "Unione di comuni dimostrativa"),
    ("ets", "1.4.30", 18, "Cooperativa dimostrativa"),
    ("ets", "1.7.10", 10, "Associazione dimostrativa"),
    ("ets", "1.8.10", 8, "Gruppo di volontariato dimostrativo"),
    ("ets", "1.7.20", 4, "Fondazione dimostrativa"),
    ("parrocchia", "1.7.40", 6, "Centro di ascolto dimostrativo"),
    ("impresa", "", 2, "Impresa sociale dimostrativa"),
)

# fmt: off
OPPORTUNITIES: Final = (
    # tipo, it, en, areas, targets, smallest and largest amount (EUR)
    ("bando", "Bando dimostrativo", "Demonstration call",
     "MUL", "tutti", (2000, 40000)),
    ("contributo", "Contributo dimostrativo", "Demonstration grant",
     "POV;FAM", "tutti", (150, 2400)),
    ("lavoro", "Offerta di lavoro dimostrativa", "Demonstration job",
     "MUL", "disoccupati", None),
    ("formazione", "Corso dimostrativo", "Demonstration course",
     "IMM;POV", "disoccupati;immigrati", None),
    ("volontariato", "Volontariato dimostrativo", "Demonstration volunteering",
     "ANZ;FAM", "tutti", None),
    ("spazio", "Spazio da riusare dimostrativo", "Demonstration space",
     "MUL", "tutti", None),
    ("evento", "Evento dimostrativo", "Demonstration event",
     "FAM", "giovani_coppie;minori", None),
    ("norma", "Regolamento dimostrativo", "Demonstration regulation",
     "MUL", "tutti", None),
)
# fmt: on

MANAGING_BODIES: Final = (
    # code, real name, ISTAT code of the seat's municipality
    ("VERCELLI", "Comune di Vercelli (ex USSL 45)", "002158"),
    ("SANTHIA", "C.I.S.A.S. Santhià", "002133"),
    ("GATTINARA", "C.A.S.A. Gattinara", "002061"),
    ("VALSESIA", "Unione Montana dei Comuni della Valsesia", "002156"),
)

"""What names of organisations say, in many languages."""

import pytest

from services.gov_detection import THRESHOLD, Kind
from services.gov_detection.lists import load
from services.gov_detection.opinion import of_name, speaks_against
from services.gov_detection.phrase import Index, phrase, spelled

GOVERNMENTS = {
    "US": {
        "City of Springfield": Kind.REGIONAL_LOCAL,
        "City of College Park": Kind.REGIONAL_LOCAL,
        "U.S. Department of Energy": Kind.NATIONAL_CIVIL,
        "Ohio Department of Taxation": Kind.NATIONAL_CIVIL,
        "Harrison County Sheriff's Office": Kind.LAW_ENFORCEMENT,
        "Idaho Supreme Court": Kind.JUDICIARY,
        "Vermont State Senate": Kind.LEGISLATURE,
        "Naval Surface Warfare Center": Kind.MILITARY,
        "County of Kings": Kind.REGIONAL_LOCAL,
    },
    "DE": {
        "Landratsamt Musterhausen": Kind.REGIONAL_LOCAL,
        "Bundesministerium für Verkehr": Kind.NATIONAL_CIVIL,
        "Polizeipräsidium Niederbayern": Kind.LAW_ENFORCEMENT,
        "Oberlandesgericht Celle": Kind.JUDICIARY,
    },
    "FR": {"Mairie de Clermont": Kind.REGIONAL_LOCAL, "Ministère de l'Intérieur": Kind.LAW_ENFORCEMENT},
    "BR": {"Prefeitura de Olinda": Kind.REGIONAL_LOCAL, "TRIBUNAL REGIONAL ELEITORAL": Kind.JUDICIARY},
    "MX": {"Secretaría de Turismo": Kind.NATIONAL_CIVIL, "AS64500 - PODER JUDICIAL": Kind.JUDICIARY},
    "AR": {"Municipalidad de Tandil": Kind.REGIONAL_LOCAL, "Armada Argentina": Kind.MILITARY},
    "IT": {"Comune di Bergamo": Kind.REGIONAL_LOCAL},
    "NL": {"Gemeente Haarlem": Kind.REGIONAL_LOCAL, "Ministerie van Defensie": Kind.MILITARY},
    "SE": {"Umeå kommun": Kind.REGIONAL_LOCAL, "Livsmedelsverket": Kind.NATIONAL_CIVIL},
    "FI": {"Joensuun kaupunki": Kind.REGIONAL_LOCAL},
    "DK": {"Erhvervsstyrelsen": Kind.NATIONAL_CIVIL},
    "PL": {"Urząd Miasta Gdyni": Kind.REGIONAL_LOCAL, "Komenda Główna Policji": Kind.LAW_ENFORCEMENT},
    "CZ": {"Ministerstvo zdravotnictví": Kind.NATIONAL_CIVIL},
    "HU": {"Belügyminisztérium": Kind.LAW_ENFORCEMENT},
    "RO": {"Primaria Sectorului 2": Kind.REGIONAL_LOCAL, "Unitatea Militara 01234": Kind.MILITARY},
    "LV": {"Daugavpils pilsetas dome": Kind.REGIONAL_LOCAL},
    "LT": {"Klaipedos rajono savivaldybe": Kind.REGIONAL_LOCAL},
    "EE": {"Narva Linnavalitsus": Kind.REGIONAL_LOCAL},
    "TR": {"Çankaya Belediyesi": Kind.REGIONAL_LOCAL, "T.C. Sağlık Bakanlığı": Kind.NATIONAL_CIVIL},
    "ID": {"Pemerintah Kabupaten Bantul": Kind.REGIONAL_LOCAL, "Kementerian Agama": Kind.NATIONAL_CIVIL},
    "RU": {"Administration of the Tver region": Kind.NATIONAL_CIVIL},
    "VN": {"Department of Home Affairs of Hue province": Kind.LAW_ENFORCEMENT},
    "KE": {"Ministry of Posts and Telecommunications": Kind.NATIONAL_CIVIL},
    "CH": {"Universal Postal Union": Kind.INTERGOV},
    "GB": {"Rutland County Council": Kind.REGIONAL_LOCAL},
}  # fmt: skip
OTHERS = {
    "US": (
        "Police and Fire Employees Federal Credit Union",
        "City National Bank of Springfield",
        "Ohio State University",
        "Harrison County Public Schools",
        "Government Micro Resources, Inc.",
        "Federal Signal Corporation",
        "County Telephone Cooperative",
        "Ministries of Hope Church",
        "City of Hope",
        "Creative Agency LLC",
        "General Dynamics Information Systems",
        "Bureau Veritas",
        "Royal Caribbean Cruises Ltd.",
    ),
    "GB": ("Cabinet Maker Ltd", "BAE Systems Defence Ltd", "City Telecom Limited"),
    "DE": ("Stadtwerke Hintertupfingen GmbH", "Medienagentur Nord GmbH", "Kommunalkredit AG"),
    "BR": ("Universidade Federal de Pelotas", "Agencia Estado de Noticias Ltda", "Banco do Brasil"),
    "FI": ("Kylan kuituosuuskunta",),
    "RU": ("Federal State Budgetary Educational Institution of Higher Education",),
    "CN": ("Anywhere, Hubei Province, P.R.China.",),
    "IN": ("Smart City Broadband Private Limited",),
}


@pytest.mark.parametrize("country", GOVERNMENTS)
def test_governments(country: str) -> None:
    for name, kind in GOVERNMENTS[country].items():
        opinion = of_name(load(), name, country)
        assert opinion.confidence >= THRESHOLD, (name, opinion)
        assert opinion.kind == kind, (name, opinion)
        assert opinion.reasons


@pytest.mark.parametrize("country", OTHERS)
def test_others(country: str) -> None:
    for name in OTHERS[country]:
        opinion = of_name(load(), name, country)
        assert opinion.confidence < THRESHOLD, (name, opinion)
        assert opinion.reasons


def test_a_language_is_read_where_it_is_spoken() -> None:
    assert of_name(load(), "Kommun", "SE").confidence >= THRESHOLD
    assert of_name(load(), "Kommun", "BR").confidence < 0.1
    assert of_name(load(), "Prefeitura de Olinda", None).confidence >= THRESHOLD


def test_the_longer_sign_is_meant() -> None:
    assert of_name(load(), "Department of Energy", "US").confidence >= THRESHOLD
    assert of_name(load(), "Department of Energy Drinks LLC", "US").confidence < THRESHOLD


def test_a_school_speaks_against_and_a_city_does_not() -> None:
    assert speaks_against(load(), "Springfield School District", "US")
    assert not speaks_against(load(), "Springfield", "US")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ministère de l'Économie", "ministere de l economie "),
        ("U.S. Dept. of State", "us dept of state "),
        ("Sheriff's Office", "sheriffs office "),
        ("AS272397 - PROCURADURIA", "procuraduria "),
        ("AEC-GOV-AU-AS-AP - Electoral Commission", "electoral commission "),
        ("Łódź & Ørsted Straße", "lodz and orsted strasse "),
        ("", " "),
    ],
)
def test_spelling(name: str, words: str) -> None:
    assert spelled(name) == words


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [
        ("city of", "the city of x ", "velocity of x "),
        ("^ city of _ $", "city of x ", "city of x y "),
        ("minist*", "ministry ", "administry "),
        ("*kommun", "storkommun ", "kommunikation "),
        ("department of ... health", "department of public health ", "department of health care "[:11]),
        ("?the senate", "senate ", "senat "),
        ("new~york state", "new york state ", "york state "),
        ("a|bb|ccc house", "bb house ", "dd house "),
        ("<rooms> service", "kitchen service ", "room service "),
    ],
)
def test_phrases(text: str, found: str, not_found: str) -> None:
    made = phrase(text, {"rooms": "kitchen|cellar"})
    index = Index([(made, text)])
    assert [thing for _, _, thing in index.found(found)] == [text]
    assert not list(index.found(not_found))


def test_a_phrase_needs_a_word() -> None:
    with pytest.raises(ValueError, match="no word"):
        phrase("^ _ ... $", {})

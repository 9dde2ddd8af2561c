"""Names of drugs: salts, depots, trade names, combinations, and suggestions for typing errors."""

import itertools

import pytest

from psgkit.profile.context.drug_classes import drug_classes, known_drug
from psgkit.profile.context.drug_names import (
    drug_key,
    drug_table,
    nearest_drug,
    strength_in,
    substances_in,
)
from psgkit.profile.context.read import parse_context


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("aripiprazole lauroxil", "aripiprazole"),
        ("Abilify Maintena 400 mg", "aripiprazole"),
        ("olanzapine pamoate", "olanzapine"),
        ("Olanzapine Embonate", "olanzapine"),
        ("zuclopenthixol acetate", "zuclopenthixol"),
        ("Fluphenazine-decanoate", "fluphenazine"),
        ("benzatropine mesilate", "benzatropine"),
        ("Benztropine mesylate", "benzatropine"),
        ("quetiapine XR", "quetiapine"),
        ("Quetiapin-ratiopharm", "quetiapine"),
        ("apo-quetiapine", "quetiapine"),
        ("paliperidone palmitate 1-monthly", "paliperidone"),
        ("lithium carbonate", "lithium"),
        ("sodium valproate", "valproate"),
        ("divalproex sodium", "valproate"),
        ("valproic acid", "valproate"),
        ("ferrous sulfate", "iron"),
        ("ferric carboxymaltose", "iron"),
        ("clorazepate dipotassium", "clorazepate"),
        ("carbidopa/levodopa", "levodopa"),
        ("levodopa + benserazide", "levodopa"),
        ("levodopa/carbidopa/entacapone", "levodopa"),
        ("entacapone", "entacapone"),
        ("xanomeline-trospium", "xanomeline"),
        ("Cobenfy", "xanomeline"),
        ("oxycodone/naloxone", "oxycodone"),
        ("Seroquel (quetiapine)", "quetiapine"),
        ("vitamin B6", "pyridoxine"),
        ("Solian\u00ae", "amisulpride"),
        ("sodium oxybate", "sodium oxybate"),
        ("Dothiepin", "dosulepin"),
    ],
)
def test_what_does_not_change_the_substance_is_left_away(name: str, key: str) -> None:
    assert drug_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Amisulprid", "amisulpride"),
        ("Quetiapinfumarat", "quetiapine"),
        ("Paliperidonpalmitat", "paliperidone"),
        ("Metoprololsuccinat", "metoprolol"),
        ("Zuclopenthixoldecanoat", "zuclopenthixol"),
        ("Lithiumcarbonat", "lithium"),
        ("Valproins\u00e4ure", "valproate"),
        ("Levodopa/Benserazid", "levodopa"),
        ("Oxycodon/Naloxon", "oxycodone"),
        ("qu\u00e9tiapine", "quetiapine"),
        ("risperidona", "risperidone"),
        ("aripiprazolo", "aripiprazole"),
        ("KarXT", "xanomeline"),
        ("Clopixol Acuphase", "zuclopenthixol"),
        ("Ciatyl-Z", "zuclopenthixol"),
        ("MCP", "metoclopramide"),
    ],
)
def test_national_names_are_those_of_the_same_substance(name: str, key: str) -> None:
    assert drug_key(name) == key
    assert known_drug(name) is not None


def test_a_national_name_belongs_to_one_substance() -> None:
    from psgkit.profile.context import drug_names

    table = drug_table()
    drugs = {drug for row in table["classes"].values() for drug in row["drugs"]}
    for spelling, substance in drug_names._national({drug: drug for drug in drugs}).items():
        assert spelling not in drugs, spelling
        assert known_drug(spelling).name == substance, spelling


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("levosulpiride", "sulpiride"),
        ("(S)-citalopram", "citalopram"),
        ("desvenlafaxine", "venlafaxine"),
        ("gabapentin enacarbil", "gabapentin"),
        ("paliperidone", "risperidone"),
        ("chlorprothixene", "chlorpromazine"),
        ("sultopride", "sulpiride"),
        ("Levosulpirid", "sulpiride"),
        ("Paliperidon", "risperidone"),
        ("Desvenlafaxin", "venlafaxine"),
    ],
)
def test_a_relative_is_another_substance(name: str, other: str) -> None:
    assert drug_key(name) != other
    assert known_drug(name).name != other


NEW = {
    "antipsychotic": "perospirone blonanserin penfluridol sultopride levosulpiride chlorprothixene "
    "periciazine perazine benperidol bromperidol",
    "antipsychotic_other": "pimavanserin xanomeline",
    "calcium_antagonist_dopamine_blocker": "flunarizine cinnarizine",
    "monoamine_depleter": "tetrabenazine deutetrabenazine valbenazine reserpine",
    "peripheral_dopamine_blocker": "domperidone",
    "sedating_antihistamine": "diphenhydramine doxylamine hydroxyzine promethazine",
    "antihistamine": "loratadine fexofenadine",
    "antidepressant": "dosulepin desipramine tianeptine tranylcypromine phenelzine moclobemide",
    "azapirone": "buspirone tandospirone",
    "benzodiazepine": "clorazepate etizolam",
    "orexin_antagonist": "suvorexant lemborexant daridorexant",
    "opioid": "hydromorphone tapentadol fentanyl",
    "other": "pyridoxine",
}


@pytest.mark.parametrize("drug_class", NEW)
def test_classes_of_drugs(drug_class: str) -> None:
    found = {name: known_drug(name) for name in NEW[drug_class].split()}
    assert {name: one and one.drug_class for name, one in found.items()} == dict.fromkeys(
        found, drug_class
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("amisulpird", "amisulpride"),
        ("amisulpiride", "amisulpride"),
        ("propanolol", "propranolol"),
        ("quetapine", "quetiapine"),
        ("respiridone", "risperidone"),
        ("haloperdol", "haloperidol"),
        ("escitalopran", "escitalopram"),
        ("levosulprid", "levosulpiride"),
        ("chlorprotixen", "chlorprothixene"),
        ("olanzapnie", "olanzapine"),
    ],
)
def test_a_typing_error_is_suggested_and_the_name_kept(typed: str, meant: str) -> None:
    assert nearest_drug(typed) == meant
    assert drug_key(typed) == typed
    (found,) = parse_context(f'[[drugs]]\nname = "{typed}"').findings
    assert f'did you mean {meant!r}? Then write name = "{meant}"' in found.message


@pytest.mark.parametrize(
    "name",
    [
        *("esmirtazapine", "dexsulpiride", "norclozapine", "bromazolam", "levocitalopram"),
        *("moonshine", "metformin", "hydralazine", "ketamine", "nizatidine", "tizanidine"),
        *("fluvastatin", "clonazolamine", "prednisolone", "zolpi"),
    ],
)
def test_another_substance_gets_no_suggestion(name: str) -> None:
    assert nearest_drug(name) is None


def test_no_suggestion_for_one_substance_is_another_of_the_table() -> None:
    """Take each substance out of sight in turn: what would be suggested for its name?"""
    drugs = sorted(drug for row in drug_table()["classes"].values() for drug in row["drugs"])
    from psgkit.profile.context import drug_names

    near = [
        (one, other)
        for one, other in itertools.permutations(drugs, 2)
        if one[0] == other[0] and len(one) > 5 and drug_names._typing_error(one, other)
    ]
    assert set(near) <= {("clonazolam", "cloxazolam"), ("cloxazolam", "clonazolam")}


def test_a_combination_is_its_substances_and_asks_for_a_row_each() -> None:
    assert substances_in("Deanxit") == ("flupentixol", "melitracen")
    assert known_drug("perphenazine/amitriptyline") is None
    (found,) = parse_context('[[drugs]]\nname = "perphenazine/amitriptyline"').findings
    assert 'name = "amitriptyline", then name = "perphenazine"' in found.message


def test_a_dose_in_the_name_is_not_lost_in_silence() -> None:
    assert strength_in("Quetiapine XR 300mg") == "300"
    (found,) = parse_context('[[drugs]]\nname = "Quetiapine XR 300 mg"').findings
    assert (found.code, "write dose = 300" in found.message) == ("context.dose_in_name", True)


def test_every_other_spelling_leads_to_a_substance_of_the_table() -> None:
    table = drug_table()
    for spelling in (*table["aliases"], *table["brands"]):
        assert substances_in(spelling), spelling
    assert set(table["notes"]) <= {
        drug for row in table["classes"].values() for drug in row["drugs"]
    }
    assert all(one.title for one in drug_classes().values())

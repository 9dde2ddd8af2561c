"""What holds between computed indices and their entries in the catalogue."""

from collections.abc import Iterable, Mapping

from psgkit.core.index import Index
from psgkit.core.index_catalogue import CATALOGUE, entry_of, unit_of

Groups = Mapping[str, Mapping[str, Index]]


def check_computed(reports: Iterable[Groups], activity_unit: str = "") -> None:
    """Fail for an index that is not in the catalogue, or in another unit than it has there."""
    for groups in reports:
        for group, indices in groups.items():
            for name, index in indices.items():
                where = f"{group}.{name}"
                entry = entry_of(name, group)
                assert entry is not None, f"{where} is not in the catalogue"
                assert index.name == name, where
                assert index.unit == unit_of(name, group, activity_unit), where
                if index.value is not None and entry.kind.word == "rate":
                    rated = index.numerator is not None and index.denominator_h is not None
                    assert rated or name.endswith(("_mean", "_sd")), where
                if index.value is not None and entry.kind.word == "count":
                    assert index.value == int(index.value) or name.endswith(("_mean", "_sd")), where


def check_all_computed(subjects: Iterable[str], reports: Iterable[Groups]) -> None:
    """Fail for an entry of a subject that none of the reports has an index of."""
    computed = {
        (group, name) for groups in reports for group, own in groups.items() for name in own
    }
    used = {entry_of(name, group) for group, name in computed}
    missing = [
        entry.name
        for subject in CATALOGUE
        if subject.name in subjects
        for entry in subject.entries
        if entry not in used
    ]
    assert not missing, "in the catalogue, but not computed"

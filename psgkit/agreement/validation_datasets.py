"""Data sets with movements that people scored: what their layout is, and how that is known."""

from psgkit.core.dataclass import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A data set that can be compared.

    Attributes
    ----------
    about : str
        What it is, in a line.
    known, assumed : tuple of str
        What a published description says of the layout, and what psgkit takes to be so.
    sources : tuple of str
        Where the known part stands.
    resolution_s : float
        Smallest step of the times that people marked; 0 if marks are exact.  Onsets match within
        the tolerance and this step.
    """

    about: str
    known: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    resolution_s: float = 0.0


DATASETS = {
    "psg-ipa": Dataset(
        about="PSG-IPA (PhysioNet, doi 10.13026/esx0-nw71, CC BY 4.0): five nights, both legs, "
        "limb movements marked by twelve people",
        known=(
            "Limb_movements/PSG/SN1_LimbMovements.edf to SN5; both legs at 256 Hz",
            "Limb_movements/Annotations/manual/SN1_LimbMovements_manual_scorer1.edf and so on: "
            "EDF+ annotations such as limb movement@@emg lat",
        ),
        assumed=("what stands before the first underscore of a file's name is the night",),
        sources=("https://doi.org/10.13026/esx0-nw71",),
    ),
    "dreams": Dataset(
        about="DREAMS PLMs (Zenodo 2650142): ten whole nights of patients, periodic limb movements "
        "of one leg marked by one person",
        known=(
            "ten whole nights (not excerpts of 30 minutes, as the sister data sets have); in each, "
            "one of the two tibialis channels was marked by one person",
            "sister data sets: Visual_scoring1_excerpt1.txt beside excerpt1.edf; a first line such "
            "as [vis1_Spindles/C3-A1], then onset and duration in seconds on each line",
            "sister data sets: HypnogramAASM_subject1.txt and HypnogramR&K_subject1.txt, a first "
            "line in brackets, then a number for each 5 s: 5 wake, 4 REM, 3 to 0 stages 1 to 4",
        ),
        assumed=(
            "the archive DatabasePLMs has the file layout of its sisters: NAME.edf with "
            "Visual_scoring1_NAME.txt, whatever NAME is",
            "the marked leg is the channel in the first line, or the only leg channel, or what "
            "legs.csv says: it is not guessed",
            "only periodic movements were marked: isolated ones that psgkit finds count against it",
        ),
        sources=(
            "https://zenodo.org/records/2650142",
            "https://github.com/numediart/The-DREAMS-Databases-and-Assessment-algorithm",
            "http://www.tcts.fpms.ac.be/~devuyst/Databases/DatabaseSubjects/",
        ),
    ),
    "challenge-2026": Dataset(
        about="PhysioNet Challenge 2026 (Human Sleep Project): some 1,100 nights in "
        "training_set_small, both legs, limb movements marked by one person a night",
        known=(
            "physiological_data/SITE/NAME_ses-1.edf with lat and rat at 200 Hz, at some sites and "
            "nights 250 or 500 Hz, or lleg+, lleg-, rleg+ and rleg- at 512 Hz",
            "human_annotations/SITE/NAME_ses-1_expert_annotations.edf: a signal limb_expert of "
            "codes: 0 none, 1 limb movement, 2 periodic limb movement, 3 to 12 movements of a leg "
            "or foot (10: generic movement); a signal stage_expert: 1 N3, 2 N2, 3 N1, 4 REM, "
            "5 wake, 9 unavailable",
            "each night was scored by one person; different nights by different people",
            "algorithmic_annotations are those of a program (CAISR) and are not read",
        ),
        assumed=(
            "limb_expert has a value a second, and a movement is a run of one code: its times are "
            "known to 1 s, and movements that touch are one; the file says the rate",
            "scoring and recording begin at the same moment",
            "code 10 is a limb movement, as the organisers group it",
            "codes 1, 2 and 10 say no leg: where they occur both legs are compared together",
        ),
        sources=(
            "https://moody-challenge.physionet.org/2026",
            "https://github.com/physionetchallenges/python-example-2026",
        ),
        resolution_s=1.0,
    ),
    "generic": Dataset(
        about="recordings NAME.edf with scorings NAME_scorer*.edf, .csv or .tsv beside them or in "
        "a folder scorings",
    ),
}
"""Data sets that are read."""
REFUSED = {
    "slpdb": "MIT-BIH slpdb cannot be compared: its records hold no EMG of a leg (one EMG, of the "
    "chin, in some), so there is nothing to find movements in; its codes L and LA in the files .st "
    "say that legs moved somewhere in the 30 s that follow, not when, how often or which leg. "
    "(https://physionet.org/content/slpdb/1.0.0/)",
}
"""Data sets that are not read, and why."""

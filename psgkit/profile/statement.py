"""What every profile says, whatever the evidence."""

from psgkit.core.night_report import Profile

STATEMENT = (
    "A recording alone cannot separate restless legs, restless arms and restless back syndrome "
    "from akathisia: the criteria are asked in an interview, no cut-off for them has been "
    "validated, and "
    "periodic leg movements in sleep occur in about half of the patients with akathisia "
    "(Walters et al. 1991, Sleep 14:339-345: 5 of 9). This is no diagnosis."
)


def profile_without_evidence() -> Profile:
    """Return the profile of a night from which no evidence is drawn: the statement, no leaning."""
    return Profile(statement=STATEMENT)

"""Words of the interview and of the form for the waiting room."""

from psgkit.profile.context.interview import Question
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.words import SITE_NAMES, listed, word_of

QUESTIONS = Words(
    {
        "age": marked("How old is the person, in years?"),
        "sex": marked("Sex?"),
        "sites": marked("Where is it felt?"),
        "words": marked("What does it feel like, in the person's words?"),
        "sensations": marked("Which of these?"),
        "localised": marked("Can it be shown where it begins and ends?"),
        "urge": marked("Is there an urge to move this part?"),
        "rest": marked("Does it begin or get worse at rest?"),
        "lying": marked("Is it worse lying down than sitting or standing?"),
        "relief": marked("Does moving relieve it while the movement lasts?"),
        "pacing": marked("Is there relief only while walking about?"),
        "evening": marked("Is it there only, or worse, in the evening or at night?"),
        "inner_restlessness": marked("Is it a restlessness inside, in no one place?"),
        "not_explained": marked(
            "Ruled out by a physician: cramps, swelling, arthritis, posture, tapping?"
        ),
        "onset": marked("When did it begin?"),
        "suspect": marked("Which drug was started or raised before it began?"),
        "dose": marked("How many mg a day?"),
        "start": marked("When was it started or raised to that dose?"),
        "change": marked("Was it reduced or stopped since?"),
        "effect": marked("What did the symptoms do then?"),
        "after_days": marked("After how many days?"),
        "treatment": marked("Which drug was tried against the restlessness?"),
        "treatment_dose": marked("How many mg a day?"),
        "treatment_effect": marked("What did the symptoms do?"),
        "treatment_days": marked("After, or for, how many days?"),
        "rash": marked("Is there a rash where it is felt?"),
        "neuropathy": marked("Polyneuropathy?"),
        "parkinsons_disease": marked("Parkinson's disease?"),
        "renal_disease": marked("Kidney disease?"),
        "radiculopathy": marked("A pinched nerve in the back (radiculopathy)?"),
        "adhd": marked("ADHD?"),
        "tardive_dyskinesia": marked("Tardive dyskinesia?"),
        "family_history": marked("Restless legs in parents, brothers, sisters or children?"),
        "pregnancy": marked("Pregnant?"),
        "ferritin": marked("Ferritin, in ug/L?"),
        "bars": marked("BARS global score, 0 to 5?"),
        "irls": marked("IRLS total, 0 to 40?"),
        "naranjo_known": marked("Are there conclusive reports of this reaction to it?"),
        "naranjo_after": marked("Did the reaction appear after the drug was given?"),
        "naranjo_dechallenge": marked("Better when it was stopped, or with an antagonist?"),
        "naranjo_rechallenge": marked("Did it come back when the drug was given again?"),
        "naranjo_other_causes": marked("Could other causes alone explain it?"),
        "naranjo_placebo": marked("Did it come back under a placebo?"),
        "naranjo_level": marked("Was the drug found in a toxic concentration?"),
        "naranjo_dose": marked("Worse at a higher, or better at a lower dose?"),
        "naranjo_earlier": marked("A similar reaction to such a drug before?"),
        "naranjo_objective": marked("Was it confirmed by objective evidence?"),
    }
)
_CHOICES = Words(
    {
        "female": marked("female", "sex"),
        "male": marked("male", "sex"),
        "other": marked("other", "sex"),
        "itching": marked("itching"),
        "burning": marked("burning"),
        "crawling": marked("crawling"),
        "tingling": marked("tingling"),
        "pain": marked("pain"),
        "ache": marked("ache"),
        "stopped": marked("stopped"),
        "dose_reduced": marked("dose reduced"),
        "no_change_made": marked("no change made"),
        "gone": marked("gone", "symptom"),
        "relieved": marked("relieved", "symptom"),
        "no_change": marked("no change", "symptom"),
        "worse": marked("worse", "symptom"),
    }
)
_HINTS = Words(
    {
        "answer": marked("y, n, p for partly"),
        "yes_no": marked("y or n"),
        "judged": marked("y, n if one of them explains it, Enter if not looked at"),
        "number": marked("a number"),
        "text": marked("in words"),
        "when": marked("a date as 2024-03-31, or a day as day 14"),
    }
)


def words_of(question: Question) -> str:
    """Return a question in words.

    Examples
    --------
    >>> words_of(Question(name="sex", kind="choice", section="person", field="sex"))
    'Sex?'
    """
    if not question.about:
        return QUESTIONS[question.name]
    about = word_of(SITE_NAMES, question.about)
    return f"{about[:1].upper()}{about[1:]}: {QUESTIONS[question.name]}"


def hint_of(question: Question) -> str:
    """Return how a question is answered.

    Examples
    --------
    >>> hint_of(Question(name="age", kind="number", section="person", field="age"))
    'a number'
    """
    if question.choices:
        numbered = [f"{n} {choice_in_words(one)}" for n, one in enumerate(question.choices, 1)]
        several = _("several with commas") if question.kind == "choices" else ""
        return listed([*numbered, several]) if several else listed(numbered)
    return _HINTS[question.kind]


def choice_in_words(choice: str) -> str:
    """Return one of the words that an answer may be.

    Examples
    --------
    >>> choice_in_words("dose_reduced"), choice_in_words("back")
    ('dose reduced', 'back')
    """
    return word_of(_CHOICES, choice) if choice in _CHOICES else word_of(SITE_NAMES, choice)


def prompt_of(question: Question, number: int, total: int) -> str:
    """Return the line that asks a question on the terminal."""
    return f"{number}/{total} {words_of(question)} [{hint_of(question)}] "


def opening() -> str:
    """Return what is said before the first question."""
    return _(
        "Enter skips a question, q ends the interview; both leave it unanswered, which is never "
        "\u201cno\u201d. No names, no dates of birth. Every answer is saved at once."
    )


def refused(message: str) -> str:
    """Return what is said of an answer that cannot be used."""
    return _("Not understood: {message}", message=message)


def closing(n: int, name: str) -> str:
    """Return what is said at the end."""
    return _(
        "{n} questions are open. Go on: psgkit context --ask {name}. "
        "Read it: psgkit context {name}",
        n=n,
        name=name,
    )

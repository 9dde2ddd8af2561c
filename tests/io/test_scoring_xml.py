"""The XML of Compumedics, the NSRR and Embla, and XML that is an attack."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from rounds import first_of, processor_s, slow

from psgkit.errors import InputFileError, PsgkitError, TableError
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.read import read_scoring

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
Row = tuple[str, float, float, str]


def read(tmp_path: Path, text: str, start: datetime | None = None, code: str = "utf-8") -> Scoring:
    path = tmp_path / "x.bin"
    path.write_bytes(text.encode(code))
    return read_scoring(path, start)


def profusion(stages: Sequence[object], events: Sequence[Row] = (), epoch: str = "30") -> str:
    said = "".join(f"<SleepStage>{stage}</SleepStage>" for stage in stages)
    rows = "".join(
        f"<ScoredEvent><Name>{name}</Name><Start>{start}</Start><Duration>{lasting}</Duration>"
        f"<Input>{place}</Input></ScoredEvent>"
        for name, start, lasting, place in events
    )
    return (
        f"{DECLARATION}<CMPStudyConfig><EpochLength>{epoch}</EpochLength>"
        f"<ScoredEvents>{rows}</ScoredEvents><SleepStages>{said}</SleepStages></CMPStudyConfig>"
    )


def nsrr(rows: Sequence[tuple[str, str, float, float, str]]) -> str:
    events = "".join(
        f"<ScoredEvent><EventType>{kind}</EventType><EventConcept>{concept}</EventConcept>"
        f"<Start>{start}</Start><Duration>{lasting}</Duration>"
        + (f"<SignalLocation>{place}</SignalLocation>" if place else "")
        + "</ScoredEvent>"
        for kind, concept, start, lasting, place in rows
    )
    return (
        f"{DECLARATION}<PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion>"
        f"<EpochLength>30</EpochLength><ScoredEvents>{events}</ScoredEvents></PSGAnnotation>"
    )


def embla(rows: Sequence[tuple[str, str, str, str]]) -> str:
    events = "".join(
        f"<Event><EventType>{kind}</EventType><StartTime>{start}</StartTime>"
        f"<StopTime>{stop}</StopTime><Location>{place}</Location></Event>"
        for kind, start, stop, place in rows
    )
    return f"{DECLARATION}<EventExport><Events>{events}</Events></EventExport>"


# --- Compumedics ---------------------------------------------------------------------------------


def test_profusion_numbers_are_those_of_rechtschaffen_and_kales(tmp_path: Path) -> None:
    found = read(tmp_path, profusion([0, 1, 2, 3, 4, 5, 6, 9]))
    assert found.format == "Compumedics Profusion XML"
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == [
        *["W", "N1", "N2", "N3", "N3", "R"],
        *["UNSCORED", "UNSCORED"],
    ]


def test_profusion_events_have_their_side_from_the_name_or_the_input(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("Limb Movement (Left)", 10.5, 2.25, "Leg"),
        ("PLM (Right)", 31, 1.5, "RIGHT LEG"),
        ("Limb Movement", 40, 1, "LLEG"),
        ("Arousal (ARO RES)", 12, 5, "EEG"),
        ("Obstructive Apnea", 13, 12, "AIRFLOW"),
        ("SpO2 desaturation", 14, 20, "SaO2"),
    ]
    found = read(tmp_path, profusion([0, 2], rows))
    assert found.events is not None
    table = found.events.to_frame()
    assert list(zip(table["kind"], table["site"], strict=True)) == [
        ("lm", "left_leg"),
        ("arousal", ""),
        ("apnea", ""),
        ("spo2 desaturation", ""),
        ("lm", "right_leg"),
        ("lm", "left_leg"),
    ]
    assert table["onset_s"].tolist() == [10.5, 12.0, 13.0, 14.0, 31.0, 40.0]


def test_profusion_epochs_may_be_of_another_length(tmp_path: Path) -> None:
    found = read(tmp_path, profusion([0, 2, 2], epoch="20"))
    assert found.hypnogram is not None
    assert found.hypnogram.epoch_s == 20.0


@pytest.mark.parametrize("stage", [7, "x", "", "2.5"])
def test_an_unknown_number_names_its_epoch(tmp_path: Path, stage: object) -> None:
    with pytest.raises(TableError, match=r"SleepStage 2: found .* wanted a stage"):
        read(tmp_path, profusion([0, stage]))


@pytest.mark.parametrize("epoch", ["0", "-30", "nan", "1e9", "x"])
def test_an_impossible_epoch_is_refused(tmp_path: Path, epoch: str) -> None:
    with pytest.raises(TableError, match="EpochLength"):
        read(tmp_path, profusion([0], epoch=epoch))


# --- NSRR ----------------------------------------------------------------------------------------

NSRR_STAGES = ["Wake|0", "Stage 1 sleep|1", "Stage 2 sleep|2", "Stage 3 sleep|3"]
NSRR_STAGES += ["Stage 4 sleep|4", "REM sleep|5", "Unscored|9"]
SDO_STAGES = ["SDO:WakeState", *(f"SDO:NonRapidEyeMovementSleep-N{n}" for n in (1, 2, 3, 4))]
SDO_STAGES += ["SDO:RapidEyeMovementSleep"]
SRO_STAGES = ["SRO:Wake", *(f"SRO:Stage{n}Sleep" for n in (1, 2, 3, 4)), "SRO:RapidEyeMovement"]
EXPECTED = ["W", "N1", "N2", "N3", "N3", "R", "UNSCORED"]


@pytest.mark.parametrize("stages", [NSRR_STAGES, SDO_STAGES, SRO_STAGES])
@pytest.mark.parametrize("kind", ["Stages|Stages", ""])
def test_nsrr_stages(tmp_path: Path, stages: list[str], kind: str) -> None:
    rows = [("", "Recording Start Time", 0.0, 9999.0, "")]
    rows += [(kind, stage, 30.0 * k, 30.0, "") for k, stage in enumerate(stages)]
    found = read(tmp_path, nsrr(rows))
    assert found.format == "NSRR XML"
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == EXPECTED[: len(stages)]
    assert found.events is None


@pytest.mark.parametrize(
    ("concept", "kind", "site"),
    [
        ("Limb movement - left|Limb Movement (Left)", "lm", "left_leg"),
        ("Periodic leg movement - right|PLM (Right)", "lm", "right_leg"),
        ("Arousal|Arousal ()", "arousal", ""),
        ("ASDA arousal|Arousal (ASDA)", "arousal", ""),
        ("Spontaneous arousal|Arousal (ARO SPONT)", "arousal", ""),
        ("Arousal resulting from respiratory effort|Arousal (ARO RES)", "arousal", ""),
        ("Arousal resulting from periodic leg movement|Arousal (PLM ARO)", "arousal", ""),
        ("Hypopnea|Hypopnea", "hypopnea", ""),
        ("Central apnea|Central Apnea", "apnea", ""),
        ("Respiratory effort related arousal|RERA", "rera", ""),
        ("SDO:ObstructiveApneaFinding", "apnea", ""),
        ("SDO:HypopneaFinding", "hypopnea", ""),
        ("SDO:LimbMovement-Left", "lm", "left_leg"),
        ("Unsure|Unsure", "unsure", ""),
        ("SpO2 desaturation|SpO2 desaturation", "spo2 desaturation", ""),
    ],
)
def test_nsrr_concepts(tmp_path: Path, concept: str, kind: str, site: str) -> None:
    found = read(tmp_path, nsrr([("Any|Any", concept, 100.5, 2.0, "")]))
    assert found.events is not None
    assert (found.events.kind.tolist(), found.events.site.tolist()) == ([kind], [site])


def test_an_unknown_stage_of_the_nsrr_names_its_number(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"ScoredEvent 1: found 'Foo'"):
        read(tmp_path, nsrr([("Stages|Stages", "Foo|7", 0, 30, "")]))


# --- Embla ---------------------------------------------------------------------------------------

EMBLA = [
    ("SLEEP-S2", "2015-04-15T23:59:30.000000", "2015-04-16T00:00:00.000000", ""),
    ("PLM-LM", "2015-04-15T23:59:40.250000", "2015-04-15T23:59:42.250000", "LAntib1-LAntib2"),
    ("SLEEP-REM", "2015-04-16T00:00:00.000000", "2015-04-16T00:00:30.000000", ""),
    ("ACTIVITY-MOVE", "2015-04-16T00:00:01.000000", "2015-04-16T00:00:02.000000", ""),
    ("POSITION-SUPINE", "2015-04-15T23:00:00.000000", "2015-04-16T03:00:00.000000", ""),
]


@pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
def test_embla_times_are_absolute(tmp_path: Path, zone: str) -> None:
    rows = [(kind, start + zone, stop + zone, place) for kind, start, stop, place in EMBLA]
    found = read(tmp_path, embla(rows), datetime(2015, 4, 15, 23, 59))
    assert found.format == "Embla XML"
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["N2", "R"]
    assert found.hypnogram.start_s == 30.0
    assert found.events.to_frame().to_numpy().tolist() == [
        [-3540.0, 14400.0, "position-supine", ""],
        [40.25, 2.0, "lm", "left_leg"],
        [61.0, 1.0, "activity-move", ""],
    ]


def test_embla_without_a_stop_is_a_moment_and_backwards_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, embla([("LIGHTS-OFF", "2015-04-15T23:00:00", "", "")]))
    assert found.events is not None
    assert found.events.kind.tolist() == ["lights_off"]
    with pytest.raises(TableError, match="Event 1: found 'DESAT' with an end before its start"):
        read(tmp_path, embla([("DESAT", "2015-04-15T23:00:00", "2015-04-15T22:00:00", "")]))


# --- any of them ---------------------------------------------------------------------------------

FILES = [profusion([0, 2]), nsrr([("Stages|Stages", "Wake|0", 0, 30, "")]), embla(EMBLA)]


@pytest.mark.parametrize("text", FILES)
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("lead", ["", "\n", "<!-- a comment -->"])
def test_encodings_declared_or_not(tmp_path: Path, text: str, code: str, lead: str) -> None:
    found = read(tmp_path, lead + text.replace(DECLARATION, ""), code=code)
    declared = read(tmp_path, text, code=code)
    assert found.format == declared.format
    assert found.hypnogram is not None
    assert declared.hypnogram is not None
    assert found.hypnogram.stages.tolist() == declared.hypnogram.stages.tolist()


def test_a_namespace_does_not_matter(tmp_path: Path) -> None:
    text = profusion([0, 5]).replace("<CMPStudyConfig>", '<CMPStudyConfig xmlns="urn:x">')
    found = read(tmp_path, text)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "R"]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12)).replace("&a0;", "&a;")
    + "]><CMPStudyConfig>&a11;</CMPStudyConfig>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><PSGAnnotation>&e;</PSGAnnotation>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "a document type or entities"),
        (OUTSIDE, "a document type or entities"),
        ("<html><body>not found</body></html>", "the root 'html', wanted one of Compumedics"),
        ("<CMPStudyConfig>", "XML that is not well formed"),
        (f'<?xml version="1.0" encoding="utf{"9" * 400}"?><a/>', "XML that is not well formed"),
        ("<CMPStudyConfig>&x;</CMPStudyConfig>", "XML that is not well formed"),
        ("<a>" * 1000 + "</a>" * 1000, "nested more than 50 deep"),
        slow(("<CMPStudyConfig>" + "<a/>" * 1_000_001 + "</CMPStudyConfig>", "300000 elements")),
        ("<CMPStudyConfig>" + " " * 34_000_000 + "</CMPStudyConfig>", "more than 16 MB"),
    ],
    ids=["bomb", "outside", "html", "open", "encoding", "undefined", "deep", "many", "large"],
)
def test_hostile_xml_is_a_typed_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("lead", first_of([b"", b"<CMPStudyConfig>", b"RemLogic Event Export\n"]))
@pytest.mark.parametrize("filling", [b"a", b"\x00", b"1,", b"\t", b"<a>", b"23:00:00;", b"[]\t"])
def test_an_endless_line_is_a_typed_error_and_takes_no_longer_than_its_length_explains(
    tmp_path: Path, lead: bytes, filling: bytes
) -> None:
    path = tmp_path / "endless"
    path.write_bytes(lead + filling * (20_000_000 // len(filling)))

    def refuse() -> None:
        with pytest.raises(PsgkitError):
            read_scoring(path)

    decoded_s = processor_s(lambda: path.read_text(encoding="latin-1").splitlines())
    assert processor_s(refuse, 1) < 300 * decoded_s


def test_a_file_of_100_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(InputFileError, match="more than 16 MB"):
        read_scoring(path)

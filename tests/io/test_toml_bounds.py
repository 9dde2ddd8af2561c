"""TOML from outside: size, depth and numbers are bounded before they cost memory."""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.days.settings import read_days_settings
from psgkit.errors import SettingsError
from psgkit.io.channels.channel_map import read_channel_map
from psgkit.io.text.toml import MOST_TOML_BYTES, parse_toml
from psgkit.profile.context.read import read_context
from psgkit.settings import read_settings, settings_from

DOORS: tuple[Callable[[Path], object], ...] = (
    read_settings,
    read_days_settings,
    read_context,
    read_channel_map,
)
HOSTILE = {
    "dotted key": ".".join("a" * 10_000) + " = 1",
    "dotted key with spaces": " . ".join("a" * 10_000) + " = 1",
    "quoted key": ".".join(['"a"'] * 10_000) + " = 1",
    "table": "[" + ".".join("a" * 10_000) + "]",
    "array of tables": "[[" + ".".join("a" * 10_000) + "]]",
    "key in a row": "x = {" + ".".join("a" * 10_000) + " = 1}",
    "many deep keys": "\n".join(".".join([f"k{n}", *"a" * 17]) + " = 1" for n in range(100)),
    "arrays": "x = " + "[" * 900 + "]" * 900,
    "unclosed arrays": "x = " + "[" * 100_000,
    "tables in tables": "x = " + "{a=" * 900 + "1" + "}" * 900,
    "over the limit": "# " + "x" * MOST_TOML_BYTES,
    "digits": "x = " + "9" * 100_000,
    "hexadecimal digits": "[emg]\nx = 0x" + "f" * 100_000,
    "infinite": "[emg]\nx = inf",
    "no number": "[emg]\nx = [[nan]]",
    "unclosed text": 'x = "' + '\\"' * 200_000,
    "unclosed texts": "x = " + '"""' + "\\'" * 200_000,
    "surrogate": 'x = "\\ud800"',
    "byte order marks": "\ufeff" * 1000,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_toml_is_a_wrong_setting(
    tmp_path: Path, name: str, door: Callable[[Path], object]
) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(HOSTILE[name], encoding="utf-8")
    tracemalloc.start()
    with pytest.raises(SettingsError) as caught:
        door(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20
    assert "lab.toml" in caught.value.where
    assert len(str(caught.value)) < 5000


def test_time_grows_with_size_not_with_its_square() -> None:
    def took_s(n: int) -> float:
        text = 'x = "' + '\\"' * n + '\n"' * n
        start = time.perf_counter()
        with pytest.raises(SettingsError):
            parse_toml(text, "lab.toml", "settings")
        return time.perf_counter() - start

    assert min(took_s(160_000) for _ in range(3)) < 30 * min(took_s(20_000) for _ in range(3))


@pytest.mark.parametrize(
    "text",
    [
        'x = "' + "a." * 100 + '"',
        "x = '" + "a." * 100 + "'",
        'x = """\n' + "[a.b." * 100 + '"""',
        "# " + "[[[a." * 100,
        "x = [" + ", ".join("1.5" for _ in range(1000)) + "]",
        "x = [" + ",".join(["[1]"] * 1000) + "]",
        "\n".join(f"[a.b.c{n}]\nx.y = 1.0" for n in range(200)),
    ],
)
def test_texts_and_comments_are_not_depth(text: str) -> None:
    assert isinstance(parse_toml(text, "lab.toml", "settings"), dict)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 2**63, -(2**70)])
def test_numbers_that_decide_nothing_are_refused_from_python_too(number: float) -> None:
    with pytest.raises(SettingsError, match=r"rules\.bilateral\.within_s: found"):
        settings_from({"rules": {"bilateral": {"within_s": number}}})

"""Real Fourier transforms of rows, without importing the whole of ``scipy.fft``.

Importing ``scipy.fft`` brings special functions and array namespaces along and takes 0.3 s, as long
as the transforms of a night.  Its compiled module is therefore loaded alone.  It has no public
name: where it is missing, or does not return what was transformed, ``scipy.fft`` is imported, which
calls the same routines and gives the same numbers.  ``numpy.fft`` takes four times as long for
float32.
"""

from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

_FORWARD, _UNSCALED, _SCALED_BY_LENGTH, _ONE_THREAD, _REAL = True, 0, 2, 1, True


def rfft_rows(rows: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the transform of each row, shape ``(..., width // 2 + 1)``.

    Examples
    --------
    >>> rfft_rows(np.eye(1, 4, dtype=np.float32)).tolist()
    [[(1+0j), (1+0j), (1+0j)]]
    """
    compiled = compiled_transforms()
    if compiled is None:
        from scipy.fft import rfft

        return np.asarray(rfft(rows, axis=-1))
    options = (_FORWARD, _UNSCALED, None, _ONE_THREAD)
    return np.asarray(compiled.r2c(rows, (rows.ndim - 1,), *options))


def irfft_rows(spectra: NDArray[np.complex64], width: int) -> NDArray[np.float32]:
    """Return the rows of ``width`` samples that have these transforms.

    As in ``scipy.fft.irfft`` frequencies beyond those of ``width`` are dropped and missing ones are
    zero, which changes the rate of the samples.

    Examples
    --------
    >>> irfft_rows(np.ones((1, 3), dtype=np.complex64), 4).tolist()
    [[1.0, 0.0, 0.0, 0.0]]
    """
    compiled = compiled_transforms()
    if compiled is None:
        from scipy.fft import irfft

        return np.asarray(irfft(spectra, width, axis=-1))
    options = (not _FORWARD, _SCALED_BY_LENGTH, None, _ONE_THREAD)
    wanted = width // 2 + 1
    if spectra.shape[-1] < wanted:
        missing = wanted - spectra.shape[-1]
        spectra = np.pad(spectra, [(0, 0)] * (spectra.ndim - 1) + [(0, missing)])
    spectra = spectra[..., :wanted]
    return np.asarray(compiled.c2r(spectra, (spectra.ndim - 1,), width, *options))


def fast_length(least: int, *, real: bool = True) -> int:
    """Return the smallest number of samples, from ``least`` on, that is quick to transform.

    Examples
    --------
    >>> fast_length(97), fast_length(97, real=False)
    (100, 98)
    """
    compiled = compiled_transforms()
    if compiled is None:
        from scipy.fft import next_fast_len

        return int(next_fast_len(least, real=real))
    return int(compiled.good_size(least, real))


@cache
def compiled_transforms() -> ModuleType | None:
    """Return the compiled module of ``scipy.fft``, or None where it is not as expected."""
    scipy = find_spec("scipy")
    for place in (scipy and scipy.submodule_search_locations) or ():
        for suffix in EXTENSION_SUFFIXES:
            path = Path(place) / "fft" / "_pocketfft" / f"pypocketfft{suffix}"
            spec = spec_from_file_location("pypocketfft", path) if path.is_file() else None
            if spec is not None and spec.loader is not None:
                module = module_from_spec(spec)
                spec.loader.exec_module(module)
                return module if _gives_back(module) else None
    return None


def _gives_back(module: ModuleType) -> bool:
    """Return whether the functions take the arguments used here and undo each other."""
    row = np.arange(8, dtype=np.float32)[None, :]
    try:
        there = module.r2c(row, (1,), _FORWARD, _UNSCALED, None, _ONE_THREAD)
        back = module.c2r(there, (1,), 8, not _FORWARD, _SCALED_BY_LENGTH, None, _ONE_THREAD)
        fast = module.good_size(len(row[0]), _REAL)
    except (AttributeError, TypeError, ValueError):
        return False
    return bool(
        np.allclose(back, row, atol=1e-5) and there[0, 0] == row.sum() and fast == len(row[0])
    )

"""Indices in long form, a row each, turned into columns, a night each."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.index_columns import SEPARATOR, is_count

if TYPE_CHECKING:
    import pyarrow as pa


def wide_indices(
    indices: "pa.Table", night: NDArray[np.int64], nights_n: int
) -> "tuple[dict[str, pa.Array], dict[str, str]]":
    """Return one column an index, and the unit of each.

    Parameters
    ----------
    indices : table
        Columns ``group``, ``name``, ``value``, ``unit``; each night has an index once.
    night : int64 array, one entry a row of ``indices``
        Which night the row belongs to, from 0.
    nights_n : int
        Rows of the result; a night without an index has null there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not indices.num_rows:
        return {}, {}
    keys = pc.binary_join_element_wise(indices["group"], indices["name"], SEPARATOR)
    coded = pc.dictionary_encode(keys).combine_chunks()
    code = coded.indices.to_numpy()
    names = coded.dictionary.to_pylist()
    values = np.full((len(names), nights_n), np.nan)
    values[code, night] = indices["value"].to_numpy()
    _, first = np.unique(code, return_index=True)
    units = indices["unit"].take(pa.array(first)).to_pylist()
    columns = {name: _column(name, row) for name, row in zip(names, values, strict=True)}
    return columns, dict(zip(names, (unit or "" for unit in units), strict=True))


def _column(name: str, values: NDArray[np.float64]) -> Any:  # noqa: ANN401 - pyarrow is not typed
    """Return one index as Arrow has it: counts whole, nothing where there is no number."""
    import pyarrow as pa

    column = pa.array(values, from_pandas=True)
    return column.cast(pa.int64()) if is_count(name) else column

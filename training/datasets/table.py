"""Tables as text columns with the line each row stood on: delimited text through Arrow, and Parquet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from training.datasets.errors import DataError


@dataclass
class Table:
    """Columns of text, [R] each; `lines` [R] are 1-based lines of the file (rows, of a Parquet file)."""

    path: Path
    columns: dict[str, "pd.Series[str]"]
    lines: NDArray[np.int64]
    bad: list[tuple[int, str]] = field(default_factory=list)  # rows that could not be read: line and reason
    unit: str = "line"

    def where(self, line: int) -> str:
        """As it stands in a message."""
        return f"{self.path}, {self.unit} {line}"


def read_table(path: Path, *, delimiter: str = ",", names: Sequence[str] | None = None) -> Table:
    """Read a delimited text file, compressed or not (or a .parquet file); `names` where it has no header.

    UTF-8, or else Windows-1252. Raises DataError where the file is missing, empty, or has no columns.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file. Check the path.")
    if path.suffix == ".parquet":
        return _read_parquet(path)
    try:
        with pa.input_stream(str(path)) as stream:
            content: bytes = stream.read()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}). Check the file; unpack it by hand if need be.") from error
    if not content.strip():
        raise DataError(f"{path}: the file is empty. It needs a header and at least one row.")
    if len(delimiter) > 1:  # Arrow's is one byte; the unit separator stands in no title
        content, delimiter = content.replace(delimiter.encode(), b"\x1f"), "\x1f"
    encoding = "utf8" if _is_utf8(content) else "cp1252"
    return _parse(path, content, delimiter, encoding, names)


def _parse(path: Path, content: bytes, delimiter: str, encoding: str, names: Sequence[str] | None) -> Table:
    bad: list[tuple[int, str]] = []

    def note(row: pa.csv.InvalidRow) -> str:
        bad.append((row.number, f"has {row.actual_columns} fields instead of {row.expected_columns}"))
        return "skip"

    header = names is None
    first = content.lstrip(b"\xef\xbb\xbf").splitlines()[0].decode(encoding) if header else ""
    fields = next(csv.reader([first], delimiter=delimiter)) if header else list(names or ())
    quotes = '"' if delimiter != "|" else False  # u.item has titles with a single quotation mark
    try:
        read = pa.csv.read_csv(
            io.BytesIO(content),
            # One thread: only then does Arrow tell the number of a row that it cannot read.
            pa.csv.ReadOptions(use_threads=False, encoding=encoding, column_names=None if header else fields),
            pa.csv.ParseOptions(
                delimiter=delimiter, quote_char=quotes, invalid_row_handler=note, ignore_empty_lines=False
            ),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(fields, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path}: cannot be read as a table ({error}). Check that fields are split by {delimiter!r}."
        ) from error
    columns = {name.strip(): column.to_pandas() for name, column in zip(read.column_names, read.columns, strict=True)}
    unread = np.array([line for line, _ in bad], np.int64)
    lines = np.setdiff1d(np.arange(1 + header, read.num_rows + len(bad) + 1 + header), unread)
    return _without_empty_lines(Table(path, columns, lines, bad))


def _without_empty_lines(table: Table) -> Table:
    """Arrow reads an empty line as a row of empty fields: a fault, but for those at the end of the file."""
    empty = np.logical_and.reduce([(column == "").to_numpy(np.bool_) for column in table.columns.values()])
    if not empty.any():
        return table
    last = int(np.flatnonzero(~empty)[-1]) if not empty.all() else -1
    table.bad.extend((int(line), "is empty") for line in table.lines[:last][empty[:last]])
    columns = {name: column[~empty].reset_index(drop=True) for name, column in table.columns.items()}
    return Table(table.path, columns, table.lines[~empty], table.bad)


def _read_parquet(path: Path) -> Table:
    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path}: not a Parquet file ({error}). Write it again, or give a CSV file.") from error
    if frame.empty:
        raise DataError(f"{path}: the file is empty. It needs at least one row.")
    columns = {str(name): frame[name].astype("str").where(frame[name].notna(), "") for name in frame.columns}
    return Table(path, columns, np.arange(1, len(frame) + 1), unit="row")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

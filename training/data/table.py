"""Tables as text columns with the line number of each row: delimited text through Arrow, and Parquet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from training.data.errors import DataError

_DELIMITERS: Final = ",;\t|"
_UNIT_SEPARATOR: Final = "\x1f"  # occurs in no title


@dataclass
class Table:
    """Columns of text, [R] each; `lines` [R] are 1-based lines of the file (rows, of a Parquet file)."""

    path: Path
    columns: dict[str, "pd.Series[str]"]
    lines: NDArray[np.int64]
    bad: list[tuple[int, str]] = field(default_factory=list)  # unreadable rows: line and reason
    unit: str = "line"

    def where(self, line: int) -> str:
        """The location of a line, for messages."""
        return f"{self.path}, {self.unit} {line}"

    def take(self, good: NDArray[np.bool_]) -> "Table":
        """The rows that are `good` [R]; unreadable rows are dropped."""
        if good.all():
            return Table(self.path, self.columns, self.lines, [], self.unit)
        columns = {name: column[good].reset_index(drop=True) for name, column in self.columns.items()}
        return Table(self.path, columns, self.lines[good], [], self.unit)


def read_table(path: Path, *, delimiter: str | None = None, names: Sequence[str] | None = None) -> Table:
    """Read a delimited text file, compressed or not, or a .parquet file.

    Where `delimiter` is None it is inferred from the header. With `names` the file has no header, and quotation marks
    have no meaning, as in the older MovieLens sets. The encoding is UTF-8, or else Windows-1252. Raises DataError where
    the file is missing, empty, or not a table.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file. Check the path.")
    if path.suffix == ".parquet":
        return _read_parquet(path)
    try:
        with pa.input_stream(str(path)) as stream:
            content = _utf8(path, stream.read())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}). Check the file, or unpack it by hand.") from error
    if not content or content.isspace():
        raise DataError(f"{path}: the file is empty. It needs a header and at least one row.")
    head = content[: content.find(b"\n") + 1 or None].decode()
    delimiter = delimiter or max(_DELIMITERS, key=head.count)
    if len(delimiter) > 1:  # Arrow's is one byte
        content, delimiter = content.replace(delimiter.encode(), _UNIT_SEPARATOR.encode()), _UNIT_SEPARATOR
    fields = list(names) if names is not None else next(csv.reader([head], delimiter=delimiter))
    return _without_empty_lines(_parse(path, content, delimiter, fields, header=names is None))


def _utf8(path: Path, content: bytes) -> bytes:
    """The text converted to UTF-8."""
    if content.isascii() and b"\0" not in content[:1000]:
        return content
    if b"\0" in content[:1000] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path}: is UTF-16 or binary. Save it as CSV in UTF-8.")
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252").encode()
        except UnicodeDecodeError:
            return content.decode("latin-1").encode()  # accepts every byte
    return content.removeprefix(b"\xef\xbb\xbf")


def _parse(path: Path, content: bytes, delimiter: str, fields: list[str], *, header: bool) -> Table:
    bad: list[tuple[int, str]] = []

    def note(row: pa.csv.InvalidRow) -> str:
        bad.append((row.number, f"has {row.actual_columns} fields instead of {row.expected_columns}"))
        return "skip"

    quoted = header and b'"' in content
    try:
        read = pa.csv.read_csv(
            io.BytesIO(content),
            # Arrow reports the number of an unreadable row only with one thread.
            pa.csv.ReadOptions(use_threads=False, column_names=None if header else fields),
            pa.csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=note,
                ignore_empty_lines=False,
            ),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(fields, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path}: cannot be read as a table ({error}). Check that fields are split by {delimiter!r}."
        ) from error
    columns = {name.strip(): column.to_pandas() for name, column in zip(read.column_names, read.columns, strict=True)}
    rows = read.num_rows + len(bad) + header
    readable = np.ones(rows + 1, np.bool_)
    readable[: 1 + header] = False
    readable[[line for line, _ in bad]] = False
    # Where a quoted field spans several lines, count rows as a spreadsheet does: the header is row 1.
    unit = "line" if rows == content.count(b"\n") + (not content.endswith(b"\n")) else "row"
    return Table(path, columns, np.flatnonzero(readable), bad, unit)


def _without_empty_lines(table: Table) -> Table:
    """Arrow reads an empty line as a row of empty fields: an error, except at the end of the file."""
    empty = np.ones(len(table.lines), np.bool_)
    for column in table.columns.values():
        empty &= (column == "").to_numpy(np.bool_)
        if not empty.any():
            return table
    end = int(np.flatnonzero(~empty)[-1]) if not empty.all() else 0
    faults = [*table.bad, *((int(line), "is empty") for line in table.lines[:end][empty[:end]])]
    left = table.take(~empty)
    left.bad = sorted(faults)
    return left


def _read_parquet(path: Path) -> Table:
    try:
        read = pa.parquet.read_table(path)
        columns = {str(name): _texts(column) for name, column in zip(read.column_names, read.columns, strict=True)}
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a Parquet file ({error}). Write it again, or use a CSV file.") from error
    if not read.num_rows:
        raise DataError(f"{path}: the file is empty. It needs at least one row.")
    return Table(path, columns, np.arange(1, read.num_rows + 1), unit="row")


def _texts(column: pa.ChunkedArray) -> "pd.Series[str]":
    """A column of any type as text, as in a CSV file: 3.0 as 3, a list as A|B, null as the empty string."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "|")
    texts: pd.Series[str] = column.cast(pa.string()).fill_null("").to_pandas()
    return texts


def numbers(texts: "pd.Series[str]") -> NDArray[np.float64]:
    """The texts as numbers, [R]; NaN where one is not a finite number."""
    try:
        found = pc.cast(pa.array(texts), pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:  # Arrow's parser is much faster, but fails at the first text that is not a number
        found = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(found), found, np.nan)

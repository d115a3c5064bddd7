"""The generated blocks of figures in the documents."""

import re

import pytest

from benchmarks.figures import BLOCKS, development
from benchmarks.tables.document import put
from tests.support.sam import ROOT


@pytest.mark.parametrize(("document", "block"), [(document, block) for document, block, _, _ in BLOCKS])
def test_every_block_exists_in_its_document(document: str, block: str) -> None:
    assert f"<!-- figures: {block} -->\nnew\n<!-- end -->" in put((ROOT / document).read_text(), block, "new")


@pytest.mark.parametrize("document", sorted({document for document, _, _, _ in BLOCKS} - {"docs/model-card.md"}))
def test_every_block_of_a_document_is_generated(document: str) -> None:
    blocks = re.findall(r"<!-- figures: (.+?) -->", (ROOT / document).read_text())
    generated = [block for name, block, _, _ in BLOCKS if name == document]
    assert sorted(set(blocks) - {"NAME"}) == sorted(generated)


def test_the_quickest_run_counts() -> None:
    result = {
        "date": "2026-01-02",
        "machine": {"cpu": "A processor", "cores": 2},
        "runs": 3,
        "verbs": {"make check": [{"seconds": each, "cpu": 3.0, "load": 0.5} for each in (5.0, 4.1, 9.9)]},
    }
    text = development(result)
    assert "| `make check` | 4.1 | 3.0 | 0.5 |" in text
    assert "`python -m benchmarks.development`, 2026-01-02, A processor, 2 cores; the quickest of 3 runs." in text

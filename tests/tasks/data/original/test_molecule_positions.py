"""Tables of positions: both headings, spaces, separators, XLSX, and what is wrong with them."""

import numpy as np
import pytest
from openpyxl import Workbook

from bench.plugin import UsageError
from tasks.data.original.molecule_positions import read_positions

ROWS = [[1, 150.5, 320.25], [2, 10.0, 6399.5]]

FILES = {
    "thunderstorm": (
        '"id","frame","x [nm]","y [nm]","sigma [nm]"\n"1",1,150.5,320.25,110\n2,2,10,6399.5,109\n'
    ),
    # a heading that ends in a space, rows that begin and end with spaces, other order of columns
    "challenge": (
        "Ground-truth,frame,xnano,ynano,znano,intensity \n"
        "  1, 1, 150.5, 320.25, -3, 500 \n 2, 2, 10.0, 6399.5, 8, 100 \n"
    ),
    "semicolons": "y [nm];x [nm];frame\r\n320.25;150.5;1\r\n6399.5;10;2\r\n\r\n",
    "tabs and a byte-order mark": "\ufeffframe\tx [nm]\ty [nm]\n1\t150.5\t320.25\n2\t10\t6399.5\n",
}


@pytest.mark.parametrize("kind", FILES)
def test_columns_are_taken_by_name(tmp_path, kind):
    path = tmp_path / "my positions.csv"
    path.write_text(FILES[kind], encoding="utf-8", newline="")
    np.testing.assert_array_equal(read_positions(path), ROWS)


def test_xlsx(tmp_path):
    book = Workbook()
    for row in (["frame", "x [nm]", "y [nm]"], *ROWS):
        book.active.append(row)
    book.save(tmp_path / "positions.xlsx")
    np.testing.assert_array_equal(read_positions(tmp_path / "positions.xlsx"), ROWS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frame,x [nm]\n1,2\n", r"no column 'y \[nm\]' \(y\); its columns are frame, x"),
        ("", "no column 'frame'"),
        ("frame,x [nm],y [nm]\n", "holds no molecule"),
        ("frame,x [nm],y [nm]\n1,2,3\n1,2\n", "line 3: .* no number in each column"),
        ("frame,x [nm],y [nm]\n1,two,3\n", "line 2"),
    ],
)
def test_what_is_wrong_is_one_clear_line(tmp_path, text, words):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        read_positions(path)
    assert len(caught.value.problems) == 1


def test_files_that_are_missing_or_no_xlsx(tmp_path):
    with pytest.raises(UsageError, match="is missing"):
        read_positions(tmp_path / "none.csv")
    (tmp_path / "broken.xlsx").write_bytes(b"PK broken")
    with pytest.raises(UsageError, match="cannot be read as XLSX"):
        read_positions(tmp_path / "broken.xlsx")

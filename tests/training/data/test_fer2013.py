import gzip
from pathlib import Path

import numpy as np
import pytest

from fer_live.core.errors import DataError
from fer_live.core.labels import FERPLUS
from fer_live.training.data.fer2013 import PLURALITY, load_fer2013, majority, plurality, vote_shares

GOOD = " ".join(["9"] * 2304)
VOTES = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
REAL = Path(__file__).parents[4] / "shared" / "data" / "fer2013"


def write(path, rows):
    path.write_text("emotion,pixels,Usage\n" + "".join(f"{r}\n" for r in rows), "utf-8")
    return path


def write_votes(path, rows):
    lines = "".join(",".join(map(str, row)) + "\n" for row in rows)
    path.write_text(f"{VOTES}\n{lines}", "utf-8")
    return path


def row(**votes):
    names = VOTES.split(",")
    return [votes.get(name, 0) for name in names]


@pytest.mark.parametrize("encoding", ["utf-16", "jpeg"])
def test_a_file_that_is_no_text_is_told_without_its_bytes(tmp_path, encoding):
    csv = tmp_path / "f.csv"
    content = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00,\x01\n\x00\x01"
    if encoding == "utf-16":
        content = f"emotion,pixels,Usage\n3,{GOOD},Training\n".encode(encoding)
    csv.write_bytes(content)
    with pytest.raises(DataError, match=r"f\.csv is not a CSV file in UTF-8\. Name") as caught:
        load_fer2013(csv)
    assert "CSV UTF-8" in caught.value.hint


def test_bad_rows_are_counted_and_left_out(tmp_path):
    csv = write(
        tmp_path / "f.csv",
        [
            f"3,{GOOD},Training",
            "3,1 2 3,Training",
            f"3,{GOOD.replace('9', '300', 1)},Training",
            f"3,{GOOD.replace('9', 'x', 1)},Training",
            f"7,{GOOD},PublicTest",
            f"sleepy,{GOOD},PublicTest",
            f"3,{GOOD},Holiday",
            f"6,{GOOD},PrivateTest",
        ],
    )
    data = load_fer2013(csv)
    assert data.split.tolist() == [0, 2]
    assert data.classes("fer2013").tolist() == [3, 6]
    assert [note.split(" rows")[0] for note in data.notes] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("broken", "reasons"),
    [
        (f"3,{GOOD},Training,more,fields", 3),
        ('"no end', 3),
        ("3", 2),
        (f"3.7,{GOOD},Training", 1),
        (f"inf,{GOOD},Training", 1),
        ("3,\u20ac 1 2,Training", 1),
    ],
)
def test_a_broken_row_costs_no_other_row_its_votes(tmp_path, broken, reasons):
    csv = write(tmp_path / "f.csv", [f"3,{GOOD},Training", broken, f"4,{GOOD},Training"])
    csv.write_bytes(csv.read_bytes().replace("\u20ac".encode(), b"\xe9"))
    votes = write_votes(tmp_path / "v.csv", [row(happiness=10), row(fear=10), row(sadness=10)])
    data = load_fer2013(csv, votes)
    assert data.classes("fer2013").tolist() == [3, 4]
    assert data.names.tolist() == ["row 0", "row 2"]
    assert data.classes("ferplus").tolist() == [FERPLUS.index("happy"), FERPLUS.index("sad")]
    counted = [note for note in data.notes if "1 rows left out" in note]
    assert len(counted) == reasons
    assert all("first: row 1" in note for note in counted)


def test_columns_in_another_order_with_spaces_and_quotes(tmp_path):
    csv = tmp_path / "icml_face_data.csv"
    good, bad = f'3, Training,"{GOOD}"', "3,Training,1,2,3"
    csv.write_text(f'"emotion", "Usage", "pixels"\n{good}\n{bad}\n{good}\n', "utf-8")
    data = load_fer2013(csv)
    assert data.names.tolist() == ["row 0", "row 2"]
    assert set(np.unique(data.images)) == {9}


def test_votes_that_are_no_numbers_are_counted(tmp_path):
    csv = write(tmp_path / "f.csv", [f"3,{GOOD},Training"] * 3)
    rows = [row(anger=10), ["x", *row(anger=10)[1:]], [2.5, *row(anger=10)[1:]]]
    data = load_fer2013(csv, write_votes(tmp_path / "v.csv", rows))
    assert data.classes("ferplus").tolist() == [FERPLUS.index("angry"), -1, -1]
    assert any(note.startswith("2 images have no readable FER+ votes") for note in data.notes)


def test_votes_stay_with_their_rows_when_rows_drop_out(tmp_path):
    csv = write(tmp_path / "f.csv", [f"9,{GOOD},Training", f"3,{GOOD},Training"])
    votes = write_votes(tmp_path / "v.csv", [row(anger=10), row(happiness=9, fear=1)])
    data = load_fer2013(csv, votes)
    assert data.classes("ferplus").tolist() == [FERPLUS.index("happy")]
    assert data.targets["ferplus"].probabilities[0, FERPLUS.index("happy")] == 1


def test_gzip_cache_and_the_same_again(tmp_path):
    csv = tmp_path / "f.csv.gz"
    with gzip.open(csv, "wt") as handle:
        handle.write(f"emotion,pixels,Usage\n3,{GOOD},Training\n8,{GOOD},Training\n")
    cache = tmp_path / "run" / "cache"
    first = load_fer2013(csv, cache_dir=cache)
    assert [p.suffix for p in cache.iterdir()] == [".npz"]
    again = load_fer2013(csv, cache_dir=cache)
    assert np.array_equal(first.images, again.images)
    assert first.notes == again.notes
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert np.array_equal(first.images, load_fer2013(csv, cache_dir=cache).images)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, caplog):
    csv = write(tmp_path / "f.csv", [f"3,{GOOD},Training"])
    assert len(load_fer2013(csv, cache_dir=csv / "cache")) == 1
    assert "Nothing can be stored in" in caplog.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no column 'emotion'"),
        (f"emotion,pixels,Usage\n9,{GOOD},Training\n", "No usable row"),
    ],
)
def test_unusable_files_are_refused(tmp_path, text, message):
    path = tmp_path / "f.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message):
        load_fer2013(path)


def test_missing_and_damaged_files(tmp_path):
    with pytest.raises(DataError, match="no file"):
        load_fer2013(tmp_path / "absent.csv")
    damaged = tmp_path / "f.csv.gz"
    damaged.write_bytes(b"\x1f\x8b\x08 no gzip")
    with pytest.raises(DataError, match="cannot be read"):
        load_fer2013(damaged)
    csv = write(tmp_path / "f.csv", [f"3,{GOOD},Training"])
    votes = write_votes(tmp_path / "v.csv", [row(anger=10)] * 2)
    with pytest.raises(DataError, match="2 rows of votes for 1 images"):
        load_fer2013(csv, votes)


def test_vote_shares_drop_single_votes_and_no_faces():
    votes = np.array([row(anger=6, sadness=3, fear=1), row(NF=10), row(fear=1, unknown=9)])
    shares, is_face = vote_shares(votes)
    assert shares[0, FERPLUS.index("angry")] == pytest.approx(2 / 3)
    assert shares[0, FERPLUS.index("fear")] == 0
    assert not shares[1:].any()
    assert is_face.tolist() == [True, False, True]


def test_majority_is_more_than_half_after_single_votes():
    votes = np.array(
        [
            row(anger=5, sadness=4, fear=1),  # 5 of 9 once the single vote is gone
            row(anger=5, sadness=5),
            row(anger=4, sadness=3, neutral=3),
            row(unknown=6, anger=4),
            row(anger=5, unknown=5),
            row(NF=10),
        ]
    )
    angry = FERPLUS.index("angry")
    assert majority(votes).tolist() == [angry, -1, -1, -1, -1, -1]
    assert plurality(votes).tolist() == [angry, -1, angry, -1, -1, -1]


@pytest.mark.skipif(not REAL.is_dir(), reason="FER2013 is not beside the checkout")
def test_majority_leaves_the_published_number_of_faces():
    from fer_live.training.data.fer2013 import read_votes

    winners = majority(read_votes(REAL / "fer2013new.csv", 35887))
    parts = np.split(winners >= 0, [28709, 28709 + 3589])
    assert [int(p.sum()) for p in parts] == [25060, 3199, 3153]


def test_truth_follows_selection(tmp_path):
    csv = write(tmp_path / "f.csv", [f"3,{GOOD},Training", f"4,{GOOD},PublicTest"])
    votes = write_votes(tmp_path / "v.csv", [row(anger=10), row(sadness=4, fear=3, anger=3)])
    val = load_fer2013(csv, votes).part("val")
    assert val.classes("ferplus").tolist() == [-1]
    assert val.classes(PLURALITY).tolist() == [FERPLUS.index("sad")]


@pytest.mark.parametrize(
    ("text", "classes", "split"),
    [
        (f"EMOTION,PIXELS,USAGE\n3,{GOOD},training\n4,{GOOD},privatetest\n", [3, 4], [0, 2]),
        (f"usage;pixels;emotion\ntrain;{GOOD};3\nval;{GOOD};4\n", [3, 4], [0, 1]),
        (f"emotion\tpixels\tUsage\n3\t{GOOD}\ttest\n", [3], [2]),
        (f'emotion,pixels,split\n3,"{GOOD.replace(" ", ",")}",Validation\n', [3], [1]),
        (f"label;pixels;usage\n3;{GOOD.replace(' ', ',')};train\n", [3], [0]),
        (f"emotion,pixels,Usage\nHappiness,[{GOOD}],Training\nsad,{GOOD},Test\n", [3, 4], [0, 2]),
        (f"\ufeffemotion,pixels,Usage\r\n3,{GOOD},Training\r\n", [3], [0]),
    ],
    ids=["capitals", "semicolons", "tabs", "comma pixels", "both", "names", "spreadsheet"],
)
def test_the_file_as_people_have_it(tmp_path, text, classes, split):
    path = tmp_path / "train.csv"
    path.write_text(text, "utf-8")
    data = load_fer2013(path)
    assert data.classes("fer2013").tolist() == classes
    assert data.split.tolist() == split
    assert set(np.unique(data.images)) == {9}
    assert not data.notes


def test_a_file_without_usage_is_split_by_class_and_says_so(tmp_path):
    path = tmp_path / "train.csv"
    rows = [f"{emotion},{GOOD}" for emotion in (3, 4) for _ in range(20)]
    path.write_text("\n".join(["emotion,pixels", *rows]), "utf-8")
    data = load_fer2013(path, seed=7)
    assert [int((data.split == s).sum()) for s in range(3)] == [32, 4, 4]
    assert any("no column Usage: split 80/10/10 by class with seed 7" in n for n in data.notes)
    again = load_fer2013(path, seed=7)
    assert np.array_equal(data.split, again.split)


def test_a_misspelt_emotion_is_offered(tmp_path):
    csv = write(tmp_path / "f.csv", [f"Suprise,{GOOD},Training", f"happy,{GOOD},Training"])
    (note,) = load_fer2013(csv).notes
    assert "1 rows left out" in note
    assert "Suprise (rename it to surprise?)" in note


def test_what_columns_a_file_has_is_said(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("emotion,picture\n3,1 2\n", "utf-8")
    with pytest.raises(DataError, match="no column 'pixels'; its columns are emotion, picture"):
        load_fer2013(path)
    path.write_text("emotion,pixels\n3,1,2\n4,1,2\n", "utf-8")
    with pytest.raises(DataError, match="more fields"):
        load_fer2013(path)

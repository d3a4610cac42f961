import cv2
import numpy as np
import pytest

from fer_live.core.errors import DataError
from fer_live.core.formats import IMAGE_SUFFIXES
from fer_live.core.labels import FER2013, SIX_WITH_PAIN
from fer_live.training.data.class_folders import load_folder, read_image
from fer_live.training.data.dataset import SPLITS
from fer_live.training.data.open_dataset import load_data
from fer_live.training.data.splits import stratified


def put(folder, count, level=100, side=20):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.full((side, side), level, np.uint8))


def only(data):
    (target,) = data.targets.values()
    return target


def test_synonyms_in_any_case_are_one_class(tmp_path):
    put(tmp_path / "Anger", 2)
    put(tmp_path / "angry", 3)
    put(tmp_path / "HAPPINESS", 4)
    data = load_folder(tmp_path, size=16)
    target = only(data)
    assert set(target.labels.labels) == {"angry", "happy"}
    assert target.probabilities.sum(0)[target.labels.index("angry")] == 5
    assert data.images.shape == (9, 16, 16)


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_every_image_suffix_is_read(tmp_path, suffix):
    put(tmp_path / "happy", 2)
    put(tmp_path / "sad", 1)
    (tmp_path / "sad" / "000.png").rename(tmp_path / "sad" / f"000{suffix.upper()}")
    data = load_folder(tmp_path, size=8)
    assert len(data.images) == 3
    assert not any("no pictures" in note for note in data.notes)


def test_numbered_folders_are_rafdb_s(tmp_path):
    for number in range(1, 8):
        put(tmp_path / "train" / str(number), 20, level=number * 30)
        put(tmp_path / "test" / str(number), 2, level=number * 30)
    data = load_folder(tmp_path, size=8)
    assert only(data).labels == FER2013
    surprise = data.classes("fer2013") == FER2013.index("surprise")
    assert set(np.unique(data.images[surprise])) == {30}
    assert [len(data.part(s)) for s in SPLITS] == [126, 14, 14]
    assert any("no validation split" in note for note in data.notes)


def test_other_numbers_are_not_guessed(tmp_path):
    for number in range(7):
        put(tmp_path / str(number), 2)
    with pytest.raises(DataError, match="named after an expression"):
        load_folder(tmp_path, size=8)


def test_other_shares_may_leave_no_test(tmp_path):
    for name in ("happy", "sad"):
        put(tmp_path / name, 20)
    data = load_data(tmp_path, size=8, shares=(0.8, 0.2))
    assert [len(data.part(s)) for s in SPLITS] == [32, 8, 0]
    assert any("split 80/20 by class" in note for note in data.notes)


def test_six_classes_with_pain(tmp_path):
    for name in ("Angry", "Disgust", "Fear", "Happy", "Pain", "Sad"):
        put(tmp_path / name, 1)
    assert only(load_folder(tmp_path, size=8)).labels == SIX_WITH_PAIN


def test_division_is_stratified_seeded_and_whole(tmp_path):
    put(tmp_path / "happy", 40)
    put(tmp_path / "sad", 20)
    first, again, other = (load_folder(tmp_path, size=8, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.split, again.split)
    assert not np.array_equal(first.split, other.split)
    counts = {s: only(first.part(s)).probabilities.sum(0).tolist() for s in SPLITS}
    assert counts == {"train": [32, 16], "val": [4, 2], "test": [4, 2]}


def test_small_classes_reach_every_part():
    part = stratified(np.array([0, 0, 0, 1, 1]), (0.8, 0.1, 0.1), 1)
    assert sorted(part[:3]) == [0, 1, 2]
    assert sorted(part[3:]) == [0, 0]


def test_own_splits_are_kept(tmp_path):
    for split, count in (("Training", 4), ("validation", 2), ("test", 1)):
        put(tmp_path / split / "happy", count)
        put(tmp_path / split / "sad", count)
    put(tmp_path / "extra" / "happy", 3)
    put(tmp_path / "sad", 3)
    data = load_folder(tmp_path, size=8)
    assert [len(data.part(s)) for s in SPLITS] == [8, 4, 2]
    assert data.notes == ("2 folders beside the split folders are not used: extra, sad",)


def test_what_cannot_be_used_is_named_and_counted(tmp_path):
    put(tmp_path / "happy", 3)
    put(tmp_path / "sad", 3)
    put(tmp_path / "sleepy", 1)
    (tmp_path / "fear").mkdir()
    (tmp_path / "sad" / "broken.jpg").write_bytes(b"not an image")
    (tmp_path / "sad" / "empty.png").touch()
    (tmp_path / "sad" / "list.txt").write_text("x")
    data = load_folder(tmp_path, size=8)
    notes = "\n".join(data.notes)
    assert len(data) == 6
    assert "1 folders are named after no known expression: sleepy" in notes
    assert "1 class folders hold no image: fear" in notes
    assert "2 images could not be read" in notes
    assert "broken.jpg" in notes
    assert "1 files are not images" in notes


def test_nothing_left_is_one_clear_sentence(tmp_path):
    with pytest.raises(DataError, match="No image"):
        load_folder(tmp_path, size=8)
    put(tmp_path / "happy", 2)
    with pytest.raises(DataError, match="1 expressions; two are needed"):
        load_folder(tmp_path, size=8)
    with pytest.raises(DataError, match="no folder"):
        load_folder(tmp_path / "absent", size=8)


def test_exif_turn_colour_and_middle_square(tmp_path):
    from PIL import Image

    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 20:] = (250, 0, 0)  # right half red, red-green-blue
    turned = Image.Exif()
    turned[0x0112] = 6  # to be shown turned a quarter clockwise: right becomes bottom
    path = tmp_path / "turned.png"
    Image.fromarray(pixels).save(path, exif=turned)
    image = read_image(path, 8, "rgb")
    assert image.shape == (8, 8, 3)
    assert image[6, 4].tolist() == [250, 0, 0]
    assert image[1, 4].tolist() == [0, 0, 0]
    assert read_image(path, 8, "gray").shape == (8, 8)


def test_images_are_read_as_they_are_shown(tmp_path):
    """Transparent parts are paper, not the black that may lie beneath; 16 bits are reduced."""
    sheet = np.zeros((8, 8, 4), np.uint8)
    sheet[:4] = (10, 20, 30, 255)
    cv2.imwrite(str(tmp_path / "clear.png"), sheet)
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((8, 8), 257 * 40, np.uint16))
    shown = read_image(tmp_path / "clear.png", 8, "rgb")
    assert shown[0, 0].tolist() == [30, 20, 10]
    assert shown[7, 7].tolist() == [255, 255, 255]
    assert set(np.unique(read_image(tmp_path / "deep.png", 8, "gray"))) == {40}


def test_load_data_tells_kinds_apart(tmp_path):
    put(tmp_path / "set" / "happy", 1)
    put(tmp_path / "set" / "sad", 1)
    assert len(load_data(tmp_path / "set", size=12, color="rgb").images[0].shape) == 3
    with pytest.raises(DataError, match="votes belong"):
        load_data(tmp_path / "set", tmp_path / "votes.csv", size=12)
    with pytest.raises(DataError, match="no data"):
        load_data(tmp_path / "absent", size=12)
    (tmp_path / "csv").mkdir()
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "csv" / "fer2013.csv").write_text(
        f"emotion,pixels,Usage\n3,{pixels},Training\n", "utf-8"
    )
    assert load_data(tmp_path / "csv", size=12).images.shape == (1, 48, 48)

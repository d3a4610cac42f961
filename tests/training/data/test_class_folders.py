import cv2
import numpy as np
import pytest
from PIL import Image

from fer_live.capture.image_folder import load_image
from fer_live.core.errors import DataError
from fer_live.core.formats import IMAGE_SUFFIXES
from fer_live.core.labels import FER2013, SIX_WITH_PAIN
from fer_live.training.data.class_folders import load_folder
from fer_live.training.data.dataset import SPLITS
from fer_live.training.data.found_images import central_square
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
    assert "1 images could not be read and are left out (it is empty): sad/empty.png" in notes
    assert "its beginning is damaged): sad/broken.jpg" in notes
    assert "1 files are not images and are left out (.txt: 1)" in notes


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
    image = central_square(load_image(path), 8, "rgb")
    assert image.shape == (8, 8, 3)
    assert image[6, 4].tolist() == [250, 0, 0]
    assert image[1, 4].tolist() == [0, 0, 0]
    assert central_square(load_image(path), 8, "gray").shape == (8, 8)


def test_images_are_read_as_they_are_shown(tmp_path):
    """Transparent parts are paper, not the black that may lie beneath; 16 bits are reduced."""
    sheet = np.zeros((8, 8, 4), np.uint8)
    sheet[:4] = (10, 20, 30, 255)
    cv2.imwrite(str(tmp_path / "clear.png"), sheet)
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((8, 8), 257 * 40, np.uint16))
    shown = central_square(load_image(tmp_path / "clear.png"), 8, "rgb")
    assert shown[0, 0].tolist() == [30, 20, 10]
    assert shown[7, 7].tolist() == [255, 255, 255]
    assert set(np.unique(central_square(load_image(tmp_path / "deep.png"), 8, "gray"))) == {40}


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


def test_the_reason_is_named_with_what_is_left_out(tmp_path):
    for name in ("happy", "sad"):
        put(tmp_path / name, 2)
    cut = (tmp_path / "sad" / "000.png").read_bytes()
    (tmp_path / "sad" / "cut.png").write_bytes(cut[: len(cut) // 2])
    notes = load_folder(tmp_path, size=8).notes
    assert any("cut off" in note and "cut.png" in note for note in notes)


def test_folders_named_as_fer2013_names_its_splits(tmp_path):
    for split, count in (("Training", 4), ("PublicTest", 2), ("PrivateTest", 3)):
        for name in ("happy", "sad"):
            put(tmp_path / split / name, count)
    data = load_data(tmp_path, size=8)
    assert [len(data.part(s)) for s in SPLITS] == [8, 4, 6]


@pytest.mark.parametrize("wrapping", ["DATASET", "CK+48", "archive/CK+48", "archive/DATASET/train"])
def test_a_set_inside_other_folders_is_found(tmp_path, wrapping):
    put(tmp_path / wrapping / "1", 2)
    put(tmp_path / wrapping / "4", 3)
    (tmp_path / "__MACOSX" / "happy").mkdir(parents=True)
    (tmp_path / "readme.txt").write_text("x")
    data = load_data(tmp_path, size=8)
    assert sorted(only(data).labels.labels) == ["happy", "surprise"]


def test_several_sets_are_named_rather_than_guessed(tmp_path):
    for name in ("first", "second"):
        put(tmp_path / name / "happy", 1)
        put(tmp_path / name / "sad", 1)
    with pytest.raises(DataError, match="several data sets: first, second"):
        load_data(tmp_path, size=8)


@pytest.mark.parametrize("name", ["train.csv", "fer2013/fer2013.csv", "faces.csv"])
def test_a_folder_that_holds_only_the_csv(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    pixels = " ".join(["7"] * 2304)
    (tmp_path / name).write_text(f"emotion,pixels,Usage\n3,{pixels},Training\n", "utf-8")
    assert load_data(tmp_path, size=12).images.shape == (1, 48, 48)


def test_a_csv_that_names_images(tmp_path):
    put(tmp_path / "anger", 2, level=10)
    put(tmp_path / "other", 2, level=200)
    rows = ["anger/000.png,anger", "anger\\001.png,Angry", "other/000.png,Suprise",
            "other/001.png,joy", "other/none.png,joy"]  # fmt: skip
    lines = [f"{number},{row},0.9" for number, row in enumerate(rows)]
    (tmp_path / "labels.csv").write_text("\n".join([",pth,label,relFCs", *lines]), "utf-8")
    data = load_data(tmp_path / "labels.csv", size=8)
    assert set(only(data).labels.labels) == {"angry", "happy"}
    assert sorted(data.images.mean((1, 2)).tolist()) == [10, 10, 200]
    notes = "\n".join(data.notes)
    assert "1 rows left out, no known expression: Suprise (rename it to surprise?)" in notes
    assert "none.png" in notes


def test_affectnet_s_numbers_and_boxes(tmp_path):
    (tmp_path / "103").mkdir()
    image = np.zeros((40, 60), np.uint8)
    image[10:30, 20:50] = 90
    for name in ("a", "b", "c"):
        cv2.imwrite(str(tmp_path / "103" / f"{name}.png"), image)
    head = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression"
    rows = [
        f"103/{name},20,10,30,20,0;0,{n}" for name, n in (("a.png", 1), ("b.png", 6), ("c.png", 8))
    ]
    (tmp_path / "training.csv").write_text("\n".join([head, *rows]), "utf-8")
    data = load_data(tmp_path / "training.csv", size=8)
    assert set(only(data).labels.labels) == {"angry", "happy"}
    assert (data.images == 90).all()
    assert any("1 rows left out" in note for note in data.notes)


def test_misspelt_and_like_named_folders_are_offered(tmp_path):
    for name in ("happy", "sad", "Suprise", "calm", "ne", "sleepy"):
        put(tmp_path / name, 2)
    notes = "\n".join(load_folder(tmp_path, size=8).notes)
    for offer in ("Suprise (rename it to surprise?)", "calm (rename it to neutral?)",
                  "ne (rename it to neutral?)"):  # fmt: skip
        assert offer in notes
    assert "sleepy (" not in notes


def test_a_class_that_is_only_in_test_is_warned_about(tmp_path):
    for name in ("happy", "sad"):
        put(tmp_path / "train" / name, 10)
    put(tmp_path / "test" / "fear", 2)
    notes = "\n".join(load_folder(tmp_path, size=8).notes)
    assert "no training image shows fear" in notes


def test_the_first_frame_of_an_animation_is_an_image(tmp_path):
    put(tmp_path / "happy", 2)
    put(tmp_path / "sad", 1)
    Image.new("L", (8, 8), 60).save(tmp_path / "sad" / "a.gif")
    data = load_folder(tmp_path, size=8)
    assert len(data) == 4
    assert 60 in data.images

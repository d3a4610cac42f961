import numpy as np
import pytest

from fer_live.core.errors import DataError
from fer_live.training.data.batches import SeededBatchSampler, balanced_weights, batches
from tests.training.support import tiny_data


def rows(**kwargs):
    return list(SeededBatchSampler(**kwargs))


def test_an_epoch_is_decided_by_seed_and_number_alone():
    samplers = [SeededBatchSampler(50, 8, 7) for _ in range(2)]
    for _ in samplers[0]:
        pass  # a pass before must not matter
    for sampler in samplers:
        sampler.set_epoch(3)
    assert list(samplers[0]) == list(samplers[1])
    samplers[1].set_epoch(4)
    assert list(samplers[0]) != list(samplers[1])


def test_training_batches_are_full_and_never_repeat_a_row():
    got = rows(rows=50, batch_size=8, seed=7)
    assert [len(b) for b in got] == [8] * 6
    assert len({r for b in got for r in b}) == 48


def test_processes_share_the_rows_out():
    parts = [rows(rows=50, batch_size=8, seed=7, rank=r, world_size=2) for r in range(2)]
    flat = [{r for b in part for r in b} for part in parts]
    assert [len(p) for p in parts] == [3, 3]
    assert not flat[0] & flat[1]


@pytest.mark.parametrize("count", [2, 16, 17, 31, 32, 33, 40])
def test_validation_covers_every_row_once_with_equally_many_batches(count):
    parts = [rows(rows=count, batch_size=8, seed=None, rank=r, world_size=2) for r in range(2)]
    assert len(parts[0]) == len(parts[1])
    assert all(b for part in parts for b in part)
    assert sorted(r for part in parts for b in part for r in b) == list(range(count))
    for rank, part in enumerate(parts):
        assert len(SeededBatchSampler(count, 8, None, rank, 2)) == len(part)


def test_fewer_rows_than_processes_are_refused():
    with pytest.raises(DataError, match="1 images are too few for 2 processes"):
        SeededBatchSampler(1, 8, None, 0, 2)


def test_batches_carry_faces_and_targets_of_the_same_rows():
    data = tiny_data()
    loader = batches(data, 10, None)
    images, targets = next(iter(loader))
    assert images.shape == (10, 1, 16, 16)
    assert np.array_equal(images[:, 0].numpy(), data.images[:10])
    assert np.array_equal(targets["fer2013"].numpy(), data.targets["fer2013"].probabilities[:10])


def test_balanced_drawing_evens_classes_out_and_skips_unknown_rows():
    data = tiny_data(700, 0, 0).select(np.r_[0:700:7, 1:50:7])
    weights = balanced_weights(data, "ferplus")
    assert not weights[data.targets["ferplus"].probabilities.sum(1) == 0].any()
    drawn = np.concatenate(rows(rows=len(data), batch_size=8, seed=1, weights=weights))
    classes = data.classes("ferplus")[drawn]
    share = (classes == classes[0]).mean()
    assert 0.3 < share < 0.7
    assert (classes >= 0).all()

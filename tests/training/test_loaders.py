"""Batches of a run: the same for any number of worker processes, which end with it."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_live.core.errors import DeviceError
from fer_live.training import loaders
from fer_live.training.data.batches import (
    SeededBatchSampler,
    StepSampler,
    training_batches,
)
from fer_live.training.fit import fit
from fer_live.training.loaders import check_worker_failure, worker_count
from fer_live.training.module import FaceModule
from tests.training.support import (
    THIRD_PARTY,
    Killed,
    Telling,
    documented_steps,
    states,
    tiny_data,
    tiny_recipe,
)

pytestmark = [
    pytest.mark.filterwarnings(THIRD_PARTY),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on a single core
]


def colour_data():
    """Faces in colour that are all different."""
    data = tiny_data()
    images = np.random.default_rng(3).integers(0, 256, (*data.images.shape, 3), np.uint8)
    return replace(data, images=images)


def run(recipe, out, data=None, **kwargs):
    return fit(recipe, data or tiny_data(), out, accelerator="cpu", progress=False, **kwargs)


@pytest.fixture
def seen(monkeypatch):
    """(N, S, S) faces of each training step from now on."""
    steps, real_step = [], FaceModule.training_step

    def step(self, batch, batch_idx):
        steps.append(batch[0][:, 0].numpy().copy())
        return real_step(self, batch, batch_idx)

    monkeypatch.setattr(FaceModule, "training_step", step)
    return steps


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_the_steps_of_a_process_have_the_documented_numbers(workers):
    data, recipe = colour_data(), tiny_recipe(degrade__share=0.7, loss__oversample=0.0)
    train = data.part("train")
    rows = SeededBatchSampler(len(train), recipe.run.batch_size, recipe.run.seed, 1, 2)
    given: list[tuple[list[torch.Tensor], list[int]]] = []
    sampler = StepSampler(rows, lambda: len(given))
    dataset = Telling(train, recipe.degrade, keep=True)
    loader = training_batches(dataset, sampler, workers=workers)
    assert len(loader) == 2
    for epoch in range(2):
        sampler.set_epoch(epoch)
        given += [(batch, drawn) for batch, drawn in zip(loader, list(rows), strict=True)]
        if workers:  # the same processes in both epochs, which share the faces
            assert len(multiprocessing.active_children()) == workers
            assert dataset.faces.images.is_shared()
    expected = documented_steps(data, recipe, range(2), 0, 1, 2)
    for ((faces, targets, originals, threads), drawn), wanted in zip(given, expected, strict=True):
        assert np.array_equal(faces.permute(0, 2, 3, 1).numpy(), wanted)
        assert np.array_equal(originals.permute(0, 2, 3, 1).numpy(), train.images[drawn])
        assert (wanted != train.images[drawn]).any()
        known = train.targets["ferplus"].probabilities[drawn]
        assert np.array_equal(targets["ferplus"].numpy(), known)
        assert not workers or threads.tolist() == [1, 1]
    del loader
    assert not multiprocessing.active_children()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_off_run_resumes_with_the_documented_numbers(seen, tmp_path, monkeypatch, workers):
    recipe = tiny_recipe(degrade__share=0.7)
    plain = run(recipe, tmp_path / "plain", workers=0)
    expected = documented_steps(tiny_data(), recipe, range(plain.epochs))
    assert len(expected) == 12
    assert all(np.array_equal(*pair) for pair in zip(seen, expected, strict=True))

    seen.clear()
    with monkeypatch.context() as patched:
        recording = FaceModule.training_step

        def step(self, batch, batch_idx):
            if self.current_epoch == 1 and batch_idx == 2:
                raise Killed
            return recording(self, batch, batch_idx)

        patched.setattr(FaceModule, "training_step", step)
        with pytest.raises(Killed):
            run(recipe, tmp_path / "broken", workers=workers)
    assert not multiprocessing.active_children()
    run(recipe, tmp_path / "broken", workers=workers, resume=True)
    assert not multiprocessing.active_children()
    wanted = [*expected[:6], *expected[4:]]  # the second epoch is begun again
    assert all(np.array_equal(*pair) for pair in zip(seen, wanted, strict=True))
    before, after = states(tmp_path / "plain"), states(tmp_path / "broken")
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_run_that_goes_on_with_another_batch_size_keeps_counting_its_steps(seen, tmp_path):
    first = tiny_recipe(degrade__share=0.7, schedule__epochs=1)
    run(first, tmp_path)
    assert len(seen) == 4
    then = tiny_recipe(degrade__share=0.7, schedule__epochs=2, run__batch_size=32)
    run(then, tmp_path, resume=True)
    assert [len(faces) for faces in seen] == [16] * 4 + [32] * 2
    expected = documented_steps(tiny_data(), then, [1], first_step=4)
    assert all(np.array_equal(*pair) for pair in zip(seen[4:], expected, strict=True))


@pytest.mark.slow
def test_a_worker_that_dies_is_told_in_a_sentence(tmp_path, monkeypatch):
    real_step = FaceModule.training_step

    def step(self, batch, batch_idx):
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        return real_step(self, batch, batch_idx)

    monkeypatch.setattr(FaceModule, "training_step", step)
    with pytest.raises(DeviceError, match="worker process that degrades faces ended") as caught:
        run(tiny_recipe(degrade__share=0.7), tmp_path, workers=1)
    assert "--resume" in caught.value.hint
    assert not multiprocessing.active_children()


def test_too_little_shared_memory_is_told_and_other_errors_are_left_alone():
    with pytest.raises(DeviceError, match="shared memory of this machine") as caught:
        check_worker_failure(RuntimeError("unable to allocate shared memory(shm) for file </t>"))
    assert "--workers 0" in caught.value.hint
    check_worker_failure(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_workers_are_chosen_for_the_machine_unless_the_user_says(monkeypatch):
    def chosen(cores, wanted=None, on_cpu=False, degrades=True, processes=1):
        monkeypatch.setattr(loaders, "usable_cores", lambda: cores)
        return worker_count(wanted, on_cpu=on_cpu, degrades=degrades, processes=processes)

    assert [chosen(cores) for cores in (1, 2, 6, 64)] == [0, 1, 5, 8]
    assert chosen(16, processes=4) == 3
    assert chosen(2, processes=4) == 0
    assert chosen(64, on_cpu=True) == chosen(64, degrades=False) == 0
    assert chosen(2, 3, on_cpu=True, degrades=False) == 3
    assert chosen(64, 0) == 0

"""``auto`` takes a GPU where it pays, and only one that answers as the CPU does."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from fer_live.classification.runtime import classifier as pytorch
from fer_live.classification.runtime import device, loading, precision
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import Device, choose_device
from fer_live.classification.runtime.ensemble import load_models
from fer_live.classification.runtime.loading import load_classifier, load_explainer
from fer_live.core.errors import DeviceError
from fer_live.core.paths import find_model
from fer_live.core.settings import Settings
from fer_live.live.assembly import processor_for
from tests.classification.conftest import TINY
from tests.classification.runtime.test_loading import crops_for, saved
from tests.classification.runtime.test_precision import with_ranges

FASTER, NO_FASTER = math.inf, 0.0
"""For `precision.LEAST_GAIN`: eight bits are always taken, or never."""
CARD = "CUDA: Card"


@pytest.fixture
def card(monkeypatch):
    """A GPU, whose arithmetic the CPU does."""

    def choose(wanted="auto", *, half=False):
        if wanted == "cpu":
            return choose_device(wanted)
        return Device("cuda", CARD, torch.device("cpu"), torch.float16 if half else torch.float32)

    monkeypatch.setattr(
        precision, "MOST_DIFFERENCE", 1.0
    )  # the small network's eight bits are rough
    monkeypatch.setattr(loading, "may_have_gpu", lambda: True)
    for module in (device, pytorch):
        monkeypatch.setattr(module, "choose_device", choose)


@pytest.fixture
def path(tmp_path):
    return with_ranges(saved(tmp_path), crops_for(TINY))


def spoil(monkeypatch, change):
    """Changes the logits of the card."""
    right = TorchClassifier.logits

    def logits(self, crops):
        answers = right(self, crops)
        if self.device_name != CARD:
            return answers
        return {name: change(values) for name, values in answers.items()}

    monkeypatch.setattr(TorchClassifier, "logits", logits)


def fail(_):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 MiB. GPU 0 has 4 GiB.")


@pytest.mark.parametrize(
    ("asked", "gain", "name", "arithmetic"),
    [
        ("auto", FASTER, "CPU", "int8"),
        ("auto", NO_FASTER, CARD, "float16"),
        ("float32", FASTER, CARD, "float32"),
        ("int8", NO_FASTER, "CPU", "int8"),
    ],
)
def test_a_gpu_is_taken_unless_the_cpu_computes_in_eight_bits(
    card, path, monkeypatch, asked, gain, name, arithmetic
):
    monkeypatch.setattr(precision, "LEAST_GAIN", gain)
    classifier = load_classifier(path, "auto", precision=asked)
    assert (classifier.device_name, classifier.engine_name.split()[-1]) == (name, arithmetic)
    settings = Settings(model=str(path), precision=asked)
    assert processor_for(settings).device_name == name
    assert processor_for(replace(settings, device="cpu")).device_name == "CPU"


def test_a_gpu_that_is_asked_for_is_obeyed(card, path, monkeypatch):
    monkeypatch.setattr(precision, "LEAST_GAIN", FASTER)
    spoil(monkeypatch, lambda values: -values)
    classifier = load_classifier(path, "cuda", precision="auto")
    assert (classifier.device_name, classifier.engine_name.split()[-1]) == (CARD, "float16")


def test_pytorch_is_not_imported_where_the_cpu_stays(path):
    code = (
        "import sys; from pathlib import Path\n"
        "from fer_live.classification.runtime import loading, precision\n"
        "loading.may_have_gpu = lambda: True\n"
        "precision.MOST_DIFFERENCE = 1.0\n"
        "precision.LEAST_GAIN = float('inf')\n"
        f"c = loading.load_classifier(Path({str(path)!r}), 'auto', precision='auto')\n"
        "print(c.device_name, c.precision, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["CPU", "int8", "False"]


def test_work_without_a_picture_on_the_screen_takes_the_gpu_in_float32(card, path):
    for classifier in (load_models(path), load_explainer(path), TorchClassifier.load(path)):
        assert classifier.device_name == CARD
        assert classifier.engine_name.endswith("float32")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda values: -values, "answers otherwise than the CPU"),
        (lambda values: values * torch.nan, "its answers are not finite numbers. The CPU is used"),
        (fail, "cannot run the model: CUDA out of memory. The CPU is used"),
    ],
)
def test_auto_leaves_a_gpu_that_fails_or_answers_otherwise(
    card, path, monkeypatch, caplog, change, told
):
    spoil(monkeypatch, change)
    assert load_classifier(path, "auto").device_name == "CPU"
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told in line


@pytest.mark.parametrize("change", [lambda values: values * torch.nan, fail])
def test_a_gpu_that_is_asked_for_and_fails_is_told(card, path, monkeypatch, change):
    spoil(monkeypatch, change)
    with pytest.raises(DeviceError, match="The GPU cannot run the model") as caught:
        load_classifier(path, "cuda")
    assert "--device cpu" in caught.value.hint


def test_the_released_model_agrees_in_half_precision(card, monkeypatch):
    monkeypatch.setattr(precision, "LEAST_GAIN", NO_FASTER)
    classifier = load_classifier(find_model(), "auto", precision="auto")
    assert (classifier.device_name, classifier.engine_name.split()[-1]) == (CARD, "float16")


def test_every_device_of_several_models_is_named(card, path, tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "LEAST_GAIN", FASTER)
    (tmp_path / "plain").mkdir()
    plain = saved(tmp_path / "plain")  # without ranges for eight bits

    def load(path, device, head, prior):
        return load_classifier(path, device, head, prior, precision="auto")

    assert load_models([path, plain], load=load).device_name == f"CPU + {CARD}"

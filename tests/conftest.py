"""What every test gets: one torch thread, and no thread that outlives its test."""

import os
import shutil
import threading
import time

import pytest

# Torch reads this when it is first imported, by a test. Its threads wait by spinning: beside
# other work on few cores one thread is ten times quicker for the small networks of the tests.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ENGINE_THREADS = "fer-live-"
"""Names of the engine's threads begin so; they are daemons, but must end all the same."""

GRACE_S = 2.0
"""A thread that is just ending may take so long."""


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and (not thread.daemon or thread.name.startswith(ENGINE_THREADS))
    ]
    deadline_s = time.monotonic() + GRACE_S
    for thread in left:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads outlive the test: {names}"


@pytest.fixture(autouse=True)
def no_users_settings(tmp_path_factory, monkeypatch):
    """No test reads or writes the settings of the user who runs it."""
    folder = tmp_path_factory.getbasetemp() / "no-settings"
    monkeypatch.setenv("FER_LIVE_CONFIG_DIR", str(folder))
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """A checkpoint that is quick to make: its form is real, its answers mean nothing."""
    import torch

    from fer_live.classification.checkpoint import save_checkpoint
    from fer_live.classification.description import (
        Architecture,
        CheckpointMeta,
        HeadSpec,
        InputSpec,
    )
    from fer_live.classification.networks.architectures import build
    from fer_live.core.labels import FER2013

    architecture = Architecture(heads={"seven": 7}, widths=(8, 8, 8, 8))
    torch.manual_seed(1)
    meta = CheckpointMeta(
        "tiny",
        architecture,
        {"seven": HeadSpec(FER2013)},
        "seven",
        InputSpec(48, "gray", (0.5,), (0.25,), 1.0),
    )
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    save_checkpoint(path, build(architecture).eval(), meta)
    return path

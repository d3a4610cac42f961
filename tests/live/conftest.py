"""A checkpoint that is quick to make: its answers mean nothing, its form is that of a real one."""

import pytest


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    import torch

    from fer_live.classification.checkpoint import (
        CheckpointMeta,
        HeadSpec,
        InputSpec,
        save_checkpoint,
    )
    from fer_live.classification.networks.architectures import Architecture, build
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

"""Pictures as files, and models that are quick to make."""

import io

import cv2
import numpy as np
from PIL import Image
from skimage import data

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import Architecture, HeadSpec
from tests.classification.conftest import make_meta, make_network


def encoded(image, kind, **options):
    """A Pillow image or an RGB array as the bytes of a file."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def portrait():
    """The astronaut's head and shoulders, (300, 300, 3) RGB uint8, one face."""
    return np.ascontiguousarray(data.astronaut()[:300, 75:375])


def crowd(columns=10, rows=10, side=100):
    """Many faces side by side, (rows * side, columns * side, 3) RGB uint8."""
    face = cv2.resize(data.astronaut()[30:210, 130:310], (side, side), interpolation=cv2.INTER_AREA)
    return np.tile(face, (rows, columns, 1))


def tiny_model(path, labels, color="gray"):
    """A checkpoint whose answers mean nothing; its form is that of a real one."""
    architecture = Architecture(
        "resnet18",
        {labels.name: len(labels)},
        in_channels=1 if color == "gray" else 3,
        stem="deep",
        widths=(8, 8, 16, 16),
    )
    meta = make_meta(
        architecture,
        name=path.stem,
        heads={labels.name: HeadSpec(labels)},
        default_head=labels.name,
    )
    save_checkpoint(path, make_network(architecture), meta)
    return path


def form(*files):
    """Form data with files given as (name, bytes)."""
    return {"file": [(io.BytesIO(content), name) for name, content in files]}

"""Finding models by name and path."""

import pytest

from fer_live.core.errors import ModelError
from fer_live.core.paths import find_model


@pytest.mark.parametrize(
    ("name", "advice"),
    [("net.pth", "fer-live train"), ("net.PT", "fer-live train"), ("last.ckpt", "fer-live train"),
     ("net.h5", "Keras"), ("net.keras", "Keras"), ("net.onnx", "exported from")],
)  # fmt: skip
@pytest.mark.parametrize("there", [True, False])
def test_a_model_file_of_another_program_says_what_to_do(tmp_path, name, advice, there):
    path = tmp_path / name
    if there:
        path.write_bytes(b"PK")
    with pytest.raises(ModelError, match=advice):
        find_model(path)

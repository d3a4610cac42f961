import pytest

from fer_live.core.labels import FERPLUS
from fer_live.detection.still_detector import still_detector
from fer_live.web.app import create_app
from fer_live.web.prediction_service import PredictionService

from .support import tiny_model


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny.safetensors", FERPLUS)


@pytest.fixture(scope="session")
def classifier(model):
    from fer_live.classification.runtime.classifier import TorchClassifier

    return TorchClassifier.load(model, "cpu")


@pytest.fixture
def client(classifier):
    """A client of the whole service: real detector, small model, five million pixels, 2 MB."""
    with PredictionService(classifier, still_detector(), max_megapixels=5) as service:
        yield create_app(service, max_mb=2).test_client()

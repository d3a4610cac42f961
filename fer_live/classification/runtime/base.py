"""What every classifier has in common, whatever computes it."""

from abc import ABC, abstractmethod
from typing import Literal, Protocol

from fer_live.classification.description import CheckpointMeta, InputSpec
from fer_live.core.labels import LabelSet
from fer_live.core.types import FaceCrops, Probabilities


class CropSpec(Protocol):
    """How the classifier wants its faces cut."""

    @property
    def size(self) -> int:
        """Side, pixels."""
        ...

    @property
    def color(self) -> Literal["gray", "rgb"]:
        """Channels."""
        ...

    @property
    def crop_margin(self) -> float:
        """Side of the crop divided by the side of the box."""
        ...


class FaceClassifier(Protocol):
    """An expression classifier; `classification.runtime` has the implementations."""

    @property
    def labels(self) -> LabelSet:
        """Classes, in the order of the probabilities."""
        ...

    @property
    def input(self) -> CropSpec:
        """How crops must be cut."""
        ...

    @property
    def device_name(self) -> str:
        """The device that really runs."""
        ...

    @property
    def engine_name(self) -> str:
        """The library that computes."""
        ...

    @property
    def model_name(self) -> str:
        """Name of the model."""
        ...

    def classify(self, crops: FaceCrops) -> Probabilities:
        """(N, K) probabilities of N crops."""
        ...


class CheckpointClassifier(ABC):
    """A classifier made from a checkpoint: what is shown of it comes from its description.

    Args:
        meta: The checkpoint's description.
        head: Head whose classes are returned.
    """

    def __init__(self, meta: CheckpointMeta, head: str) -> None:
        self.meta = meta
        self._spec = meta.heads[head]

    @property
    def labels(self) -> LabelSet:
        return self._spec.labels

    @property
    def input(self) -> InputSpec:
        return self.meta.input

    @property
    def model_name(self) -> str:
        return self.meta.name

    @abstractmethod
    def classify(self, crops: FaceCrops) -> Probabilities:
        """(N, K) probabilities of N crops."""

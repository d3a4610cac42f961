"""Class activation maps by gradients, for heads without a closed form."""

import numpy as np
import torch
from captum.attr import LayerGradCam

from fer_live.classification.explain.cam import FaceMaps, explained_classes, scaled
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.core.types import FaceCrops, Probabilities


class GradCamClassifier(TorchClassifier):
    """A checkpoint on PyTorch with Grad-CAM maps (Selvaraju et al., 2017), computed by Captum."""

    @property
    def supports_heat_maps(self) -> bool:
        """True for every model."""
        return True

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, FaceMaps]:
        """As `TorchClassifier.classify_with_maps`, for any head."""
        probabilities = self.classify(crops)
        classes = explained_classes(probabilities, self.labels, label)
        if not len(crops):
            return probabilities, np.zeros((0, 1, 1), np.float32)
        explainer = LayerGradCam(lambda x: self._network(x)[self._head], self.pooling)
        raw = explainer.attribute(
            self.normalised(crops),
            target=torch.from_numpy(classes).to(self._device.torch_device),
            attribute_to_layer_input=True,
        )
        return probabilities, scaled(raw[:, 0].detach().float().cpu().numpy())

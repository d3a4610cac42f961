"""Class activation maps by gradients, for heads without a closed form."""

import numpy as np
import torch
from captum.attr import LayerGradCam
from torch import Tensor

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
        explainer = LayerGradCam(self._log_odds, self.pooling)
        raw = explainer.attribute(
            self.normalised(crops),
            target=torch.from_numpy(classes).to(self._device.torch_device),
            attribute_to_layer_input=True,
        )
        return probabilities, scaled(raw[:, 0].detach().float().cpu().numpy())

    def _log_odds(self, normalised: Tensor) -> Tensor:
        """(N, K) logarithms of each class's odds against all others, for normalised faces."""
        scores = self.calibrated(self._network(normalised)[self._head])
        own = torch.eye(scores.shape[1], dtype=torch.bool, device=scores.device)
        return scores - scores[:, None].masked_fill(own, -torch.inf).logsumexp(2)

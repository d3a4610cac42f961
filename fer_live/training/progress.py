"""The progress bar of a run, on standard error."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import RichProgressBar


class ProgressBar(RichProgressBar):
    """Lightning's bar with the current metrics; each epoch's last line stays.

    It goes to standard error, because standard output is machine-readable.
    """

    def __init__(self) -> None:
        super().__init__(leave=True, console_kwargs={"stderr": True})

    def get_metrics(self, trainer: L.Trainer, pl_module: L.LightningModule) -> dict[str, Any]:
        """The metrics shown: those of Lightning without the version number of the log."""
        return {k: v for k, v in super().get_metrics(trainer, pl_module).items() if k != "v_num"}

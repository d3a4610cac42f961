"""What a run does beside its steps: the progress bar, and the checkpoint of the best epoch."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar


class ProgressBar(RichProgressBar):
    """Lightning's bar with the current metrics; each epoch's last line stays.

    It goes to standard error, because standard output is machine-readable.
    """

    def __init__(self) -> None:
        super().__init__(leave=True, console_kwargs={"stderr": True})

    def get_metrics(self, trainer: L.Trainer, pl_module: L.LightningModule) -> dict[str, Any]:
        """The metrics shown: those of Lightning without the version number of the log."""
        return {k: v for k, v in super().get_metrics(trainer, pl_module).items() if k != "v_num"}


class BestCheckpoint(ModelCheckpoint):
    """Lightning's checkpoint of the best epoch, among those that are validated.

    These are every n-th epoch, as the trainer's ``check_val_every_n_epoch`` says, and the last one.
    """

    @property
    def state_key(self) -> str:
        """The name of its state in a checkpoint: that of Lightning's class, as in earlier runs."""
        return super().state_key.replace(type(self).__qualname__, ModelCheckpoint.__qualname__, 1)

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Has the last epoch validated, whatever its number."""
        if trainer.current_epoch + 1 == trainer.max_epochs:
            trainer.check_val_every_n_epoch = 1

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Saves a validated epoch, if it is the best or if no figure is monitored."""
        every = trainer.check_val_every_n_epoch
        if every is not None and (trainer.current_epoch + 1) % every == 0:
            super().on_train_epoch_end(trainer, pl_module)

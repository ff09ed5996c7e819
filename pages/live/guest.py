"""A run of somebody else that a visitor looks at."""

from __future__ import annotations

from core.runs import RunRecord, Trainer
from pages.live.frames import RunFrames
from pages.live.moments import PASTS, Past
from pages.live.stream import CHANNELS, Channel


class Guest:
    """A run of somebody else with its live view; nothing of it is kept, and nothing moves it."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.trainer = Trainer()
        self.trainer.take_up(record)
        self.frames = RunFrames()
        self.channel = Channel(self.trainer.shown, self.frames, self.frames.hear)
        self.past = Past(self.trainer, self.frames)

    def open(self) -> None:
        """Let the live view in."""
        CHANNELS[self.trainer.token] = self.channel
        PASTS[self.trainer.token] = self.past

    def close(self) -> None:
        """Let no view in any more."""
        CHANNELS.pop(self.trainer.token, None)
        PASTS.pop(self.trainer.token, None)

"""Which model reads: the active one, perhaps a candidate for a share of the conversations, and the way back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from switchboard.errors import Conflict, InvalidInput

SHIPPED = "shipped"
"""The version that comes with the package (or with the setting ``understanding.model_dir``)."""
MOST_STEPS_BACK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """``share`` 0..1 of the conversations are read by the candidate. ``earlier``: versions that were active, newest last."""

    active: str = SHIPPED
    candidate: str | None = None
    share: float = 0.0
    earlier: tuple[str, ...] = ()

    def version_for(self, key: str) -> str:
        """The version that reads a conversation: always the same one while the choice stands."""
        if self.candidate is None or not key:
            return self.active
        place = int.from_bytes(hashlib.sha256(f"{self.candidate}|{key}".encode()).digest()[:4], "big") / 2**32
        return self.candidate if place < self.share else self.active

    def trying(self, version: str, share: float) -> ModelChoice:
        """Raises ``InvalidInput`` for a share outside 0..1, ``Conflict`` for the active version."""
        if not 0 < share <= 1:
            raise InvalidInput("the share is out of range", field="share", limit="above 0, at most 1")
        if version == self.active:
            raise Conflict("this version is the active one already", field="version")
        return replace(self, candidate=version, share=share)

    def promoted(self) -> ModelChoice:
        """The candidate becomes the active one. Raises ``Conflict`` when there is none."""
        if self.candidate is None:
            raise Conflict("there is no candidate", fix="switchboard models try VERSION --share 0.2")
        return ModelChoice(active=self.candidate, earlier=(*self.earlier, self.active)[-MOST_STEPS_BACK:])

    def rolled_back(self) -> ModelChoice:
        """Without the candidate, or else with the version before. Raises ``Conflict`` when there is nothing to undo."""
        if self.candidate is not None:
            return replace(self, candidate=None, share=0.0)
        if not self.earlier:
            raise Conflict("no other version was active before")
        return ModelChoice(active=self.earlier[-1], earlier=self.earlier[:-1])

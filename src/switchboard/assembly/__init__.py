"""The one place that chooses implementations and wires them together."""

from switchboard.assembly.system import Parts, System, assemble

__all__ = ["Parts", "System", "assemble"]

"""The kinds of columns our tables are made of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Text,
)

metadata = MetaData()

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def name_column(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def sequence_column() -> Column[int]:
    return Column("seq", SEQUENCE, primary_key=True, autoincrement=True)


def text_column(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def maybe_text(name: str) -> Column[str]:
    return text_column(name, null=True)


def time_column(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def number_column(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null)


def float_column(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Float(53), nullable=null)


def sealed_column(name: str = "sealed", *, null: bool = True) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)

"""How often the right passage is among the first five: words alone, meaning alone, and both together.

Run ``python -m benchmarks.retrieval`` (about two minutes on two cores); prints one JSON line a set. ``relevant`` is the
share of questions whose best passage counts as being about the question, ``false_relevant`` the same for questions from
other fields that no passage answers.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from switchboard.domain.ids import DocumentId
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.knowledge.cut import cut, text_to_embed
from switchboard.knowledge.index import RELEVANT_FROM, KnowledgeIndex, build_index

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
Vector = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A knowledge base with questions on it."""

    name: str
    documents: tuple[KnowledgeDocument, ...]
    questions: tuple[Question, ...]


def rows(path: str) -> Iterator[dict[str, object]]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def document(key: str, title: str, body: str) -> KnowledgeDocument:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return KnowledgeDocument(
        document_id=DocumentId(key), title=title, content=body, category="", tags=(), last_updated=at
    )


def banking(size: int) -> Case:
    questions = [
        Question(text=str(row["text"]), answer=str(row["label"])) for row in rows("banking77/banking77.jsonl.gz")
    ]
    titles = sorted({question.answer for question in questions})
    documents = tuple(document(title, title.replace("_", " "), title.replace("_", " ")) for title in titles)
    return Case(name="banking77 question to title", documents=documents, questions=_sample(questions, size))


def places() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    with gzip.open(DATA / "dstc10_faq/knowledge.json.gz", "rt", encoding="utf-8") as file:
        loaded: Mapping[str, Mapping[str, Mapping[str, object]]] = json.load(file)
    return loaded


def spoken_open(turns: int = 3) -> Case:
    documents = [item for domain, entities in places().items() for key in entities for item in place(domain, key)]
    return Case(name="spoken FAQ, open, last three turns", documents=tuple(documents), questions=tuple(spoken(turns)))


def spoken_known() -> list[Case]:
    """One small knowledge base per question: the entries of the place that is spoken of."""
    return [
        Case(
            name="spoken FAQ, place known",
            documents=place(*question.answer.split("/")[:2]),
            questions=(question,),
        )
        for question in spoken(1)
    ]


def place(domain: str, key: str) -> tuple[KnowledgeDocument, ...]:
    entity = _PLACES.setdefault("all", places())[domain][key]
    docs = entity["docs"]
    assert isinstance(docs, dict)
    name = str(entity["name"] or domain)
    return tuple(
        document(f"{domain}/{key}/{number}", f"{name}: {doc['title']}", doc["body"]) for number, doc in docs.items()
    )


_PLACES: dict[str, Mapping[str, Mapping[str, Mapping[str, object]]]] = {}


def spoken(turns: int) -> Iterable[Question]:
    for row in rows("dstc10_faq/queries.jsonl.gz"):
        said, known = row["turns"], row["knowledge"]
        assert isinstance(said, list)
        assert isinstance(known, list)
        target = "{domain}/{entity_id}/{doc_id}".format(**known[0])
        yield Question(text="\n".join(text for _, text in said[-turns:]), answer=target)


def foreign(size: int) -> tuple[str, ...]:
    """Questions that no bank's help page answers."""
    texts = [str(row["text"]) for row in rows("clinc150/clinc150.jsonl.gz") if row["label"] == "oos"]
    return tuple(question.text for question in _sample([Question(text=text, answer="") for text in texts], size))


def _sample(questions: list[Question], size: int) -> tuple[Question, ...]:
    return tuple(random.Random(7).sample(questions, min(size, len(questions))))


class Runner:
    def __init__(self) -> None:
        self._encoder = OnnxEncoder(threads=2)

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        return [tuple(row) for row in self._encoder.encode(texts).embedding.tolist()]

    def index(self, case: Case) -> KnowledgeIndex:
        cuts = [(item, passage) for item in case.documents for passage in cut(item)]
        vectors = self.vectors([text_to_embed(item.title, passage) for item, passage in cuts])
        held: dict[str, list[Passage]] = {}
        for (item, passage), vector in zip(cuts, vectors, strict=True):
            held.setdefault(item.document_id, []).append(replace(passage, embedding=vector))
        return build_index([(item, held[item.document_id]) for item in case.documents if item.document_id in held])

    def measure(self, cases: Sequence[Case], outside: Sequence[str] = ()) -> dict[str, object]:
        hits = {"text": [0, 0], "meaning": [0, 0], "both": [0, 0]}
        asked, relevant, spent = 0, 0, 0.0
        for case in cases:
            index = self.index(case)
            for question, vector in zip(case.questions, self.vectors([q.text for q in case.questions]), strict=True):
                asked += 1
                started = perf_counter()
                found = index.search(question.text, vector)
                spent += perf_counter() - started
                relevant += bool(found and found[0].score >= RELEVANT_FROM)
                count(hits["both"], [r.passage.document_id for r in found], question.answer)
                count(hits["text"], [r.passage.document_id for r in index.search(question.text)], question.answer)
                wide = index.search("", vector)
                count(hits["meaning"], [r.passage.document_id for r in wide], question.answer)
        result: dict[str, object] = {"set": cases[0].name, "questions": asked, "passages": len(index.entries)}
        for name, (first, five) in hits.items():
            result[name] = {"recall_at_1": round(first / asked, 3), "recall_at_5": round(five / asked, 3)}
        result["relevant"] = round(relevant / asked, 3)
        if outside:
            best = [index.search(text, vector, 1) for text, vector in zip(outside, self.vectors(outside), strict=True)]
            result["false_relevant"] = round(
                sum(bool(b and b[0].score >= RELEVANT_FROM) for b in best) / len(outside), 3
            )
        result["ms_a_search"] = round(1000 * spent / asked, 2)
        return result


def count(hits: list[int], found: Sequence[str], answer: str) -> None:
    hits[0] += answer in found[:1]
    hits[1] += answer in found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--size", type=int, default=1000, help="questions of the largest set")
    arguments.add_argument("--open", action="store_true", help="also the set of 12,039 passages")
    chosen = arguments.parse_args()
    runner = Runner()
    print(json.dumps(runner.measure([banking(chosen.size)], foreign(200))))
    print(json.dumps(runner.measure(spoken_known())))
    if chosen.open:
        print(json.dumps(runner.measure([spoken_open()])))


if __name__ == "__main__":
    main()

"""Curated answers and statutes as the desk offers them: one library per process."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from api.domain.errors import NotFound
from api.services.simplified import simplified
from knowledge_base import check
from knowledge_base.calculators import load_calculators
from knowledge_base.calculators.figures import load_figures
from knowledge_base.citations import Citation
from knowledge_base.follow_up import aspect_of, load_aspects
from knowledge_base.loader import load_topics
from knowledge_base.retrieval.ask import Answers, AskResult, Triage
from knowledge_base.retrieval.kept import Kept
from knowledge_base.retrieval.tokenise import warm_up
from knowledge_base.schema import Entry, KnowledgeBase
from knowledge_base.statutes import store
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue
from knowledge_base.statutes.importer import Progress, import_laws
from knowledge_base.statutes.index import index_folder, load_index
from knowledge_base.statutes.learned import learn_articles, learned_folder, load_learned
from knowledge_base.statutes.search import Aids, Hit, StatuteSearch, load_aids, load_wordings
from knowledge_base.templates import load_papers

TOPICS = Path(check.__file__).parent / "topics"
FOLLOW_UPS = 3
MOST_CHOICES = 3
SURE_KIND = 0.4
PROCEDURE = "legal_procedure"
STATUTES_WITH_ANSWER = 5


class StatuteShelf:
    """The imported statutes, taken up again when a new import has been laid; empty while there is none."""

    def __init__(self, database: Path, aids: Aids) -> None:
        self._folder, self._learned = index_folder(database), learned_folder(database)
        self._aids = aids
        self._stamps: list[int] = []
        self._search: StatuteSearch | None = None

    def search(self, query: str, k: int, *, on: date) -> list[Hit]:
        stamps = [one.stat().st_mtime_ns if one.exists() else 0 for one in (self._folder, self._learned)]
        if stamps != self._stamps:
            self._search = self._opened() if stamps[0] else None
            self._stamps = stamps
        return self._search.search(query, k, on=on) if self._search else []

    def _opened(self) -> StatuteSearch:
        return StatuteSearch(load_index(self._folder), self._aids, load_learned(self._learned))


class Library:
    """Entries, the matcher over them, and the statutes behind them."""

    def __init__(self, base: KnowledgeBase, catalogue: Catalogue, shelf: StatuteShelf, kept: Kept) -> None:
        self._entries = base.by_id()
        self._answers = Answers(base, kept=kept)
        self._aspects = load_aspects()
        self._catalogue = catalogue
        self._shelf = shelf

    def ask(self, text: str, triage: Mapping[str, Any], *, on: date | None = None) -> dict[str, Any]:
        """The ask object of contracts.md; `answers` holds one answer per question, `choices` (≤ 3) when unsure."""
        found = self._answers.ask_all(text, triage_of(triage))
        known = triage_of(triage)
        offered: list[Entry] = []
        if found[0].close:
            offered = self._answers.nearest(found[0].text, known if len(found) == 1 else None, MOST_CHOICES)
        elif not any(one.entry for one in found):
            offered = self._answers.nearest(text, known, MOST_CHOICES) or self._same_kind(text, triage)
        choices = [self._titled(entry) for entry in offered]
        answers = [] if choices else [self._answered(one.entry) for one in found if one.entry]
        first = answers[0] if answers else None
        hits = self._shelf.search(text, STATUTES_WITH_ANSWER, on=on or date.today())  # noqa: DTZ011
        return {
            "answer": {key: value for key, value in first.items() if key != "citations"} if first else None,
            "answers": answers,
            "choices": choices,
            "citations": first["citations"] if first else [],
            "confidence": round(max((one.confidence for one in found), default=0.0), 4),
            "follow_up": [self._titled(entry) for entry in self._related(found)],
            "statutes": [statute_brief(hit) for hit in hits],
        }

    def entry(self, entry_id: str) -> dict[str, Any]:
        """One entry by its id. Raises NotFound."""
        entry = self._entries.get(entry_id)
        if entry is None:
            raise NotFound("没有这条答案，可能已经更新。请把问题再说一遍。")
        answer = self._answered(entry)
        return {
            "answer": answer,
            "citations": answer["citations"],
            "category": entry.category,
            "subcategory": entry.subcategory,
        }

    def follow_up(self, text: str, *, story: str, entry_id: str | None) -> dict[str, Any]:
        """First what the entry before says of it (`told`), then the entry that stands in for it, else what is found
        for the subject and the question together; when nothing does, the doors are told.

        `subject` is the id of the entry that the next short question leans on.
        """
        text = simplified(text)
        before = self._entries.get(entry_id or "")
        aspect = aspect_of(text, self._aspects)
        if before and aspect and (lines := aspect.told(before)):
            told = {"title": aspect.title, "lines": lines, "about": before.title}
            return self._followed(before, told=told)
        other = aspect.stand_in(before.category, before.subcategory) if before and aspect else None
        if before and other and other != before.id:
            return self._followed(before, answer=self._entries[other])
        found = self._found_with(text, story, before)
        moved = found is not None and found.category != PROCEDURE
        return self._followed(found if moved else before, answer=found)

    def _found_with(self, text: str, story: str, before: Entry | None) -> Entry | None:
        subject = before.title if before else story
        triage = Triage(category=before.category, subcategory=before.subcategory, confidence=1.0) if before else None
        for found in (self._answers.ask(f"{subject}，{text}", triage), self._answers.ask(text)):
            entry = found.entry
            fits = entry and (entry.category == PROCEDURE or (before and entry.category == before.category))
            if entry and fits and entry is not before and not found.close:
                return entry
        return None

    def _followed(
        self, subject: Entry | None, *, answer: Entry | None = None, told: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answered = self._answered(answer) if answer else None
        door = answer or subject
        return {
            "answer": answered,
            "told": told,
            "citations": answered["citations"] if answered else [],
            "where": list(door.where) if door else [],
            "subject": subject.id if subject else None,
        }

    @staticmethod
    def nothing() -> dict[str, Any]:
        """What a message that is no legal matter gets."""
        lists: dict[str, Any] = {key: [] for key in ("answers", "choices", "citations", "follow_up", "statutes")}
        return {"answer": None, "confidence": 0.0, **lists}

    def search(self, query: str, k: int, *, on: date) -> list[Hit]:
        return self._shelf.search(query, k, on=on)

    def _same_kind(self, text: str, triage: Mapping[str, Any]) -> list[Entry]:
        known = triage_of(triage)
        sure = known is not None and known["confidence"] >= SURE_KIND
        return self._answers.of_kind(text, known, MOST_CHOICES) if known and sure else []

    def _answered(self, entry: Entry) -> dict[str, Any]:
        return {
            "entry": entry.id,
            "title": entry.title,
            "text": entry.answer,
            "steps": list(entry.steps),
            "evidence": list(entry.evidence),
            "exceptions": list(entry.exceptions),
            "where": list(entry.where),
            "checked_on": entry.checked_on.isoformat(),
            "leads_to": entry.leads_to,
            "citations": [self._cited(citation) for citation in entry.citations],
        }

    def _cited(self, citation: Citation) -> dict[str, str | None]:
        law = self._catalogue.laws[citation.law]
        return {"id": citation.id, "effective": law.effective.isoformat() if law.effective else None}

    def _titled(self, entry: Entry) -> dict[str, str]:
        return {"entry": entry.id, "title": entry.title}

    def _related(self, found: list[AskResult]) -> list[Entry]:
        named = [related for one in found if one.entry for related in one.entry.related]
        return [self._entries[entry_id] for entry_id in dict.fromkeys(named) if entry_id in self._entries][:FOLLOW_UPS]


def triage_of(triage: Mapping[str, Any]) -> Triage | None:
    if not triage.get("category"):
        return None
    return Triage(
        category=triage["category"],
        subcategory=triage.get("subcategory"),
        confidence=float(triage.get("confidence") or 0.0),
    )


def statute_brief(hit: Hit) -> dict[str, Any]:
    return {"id": hit.id, "score": round(float(hit.score), 4), "effective": hit.effective, "warning": hit.warning}


def open_library(statutes: Path) -> Library:
    """Loads everything; raises KnowledgeError when an entry is not fit to be told.

    What was counted of our own wordings is kept in a folder beside `statutes` for the next start.
    """
    warm_up()
    kept = Kept(statutes.with_name("wordings"))
    catalogue = load_catalogue()
    base = load_topics(TOPICS, catalogue, destinations=destinations(catalogue))
    return Library(base, catalogue, StatuteShelf(statutes, load_aids(catalogue, base, kept)), kept)


def destinations(catalogue: Catalogue) -> frozenset[str]:
    """Every calculator and paper an entry may lead to."""
    calculators = load_calculators(catalogue, load_figures())
    papers = load_papers(catalogue, today=date.max)
    return frozenset([*(f"calculator:{code}" for code in calculators), *(f"paper:{code}" for code in papers)])


def import_statutes(source: Path, database: Path, *, on: date, progress: Progress) -> str:
    """Imports and returns the report. `progress(stage, done, total)` hears how far it is."""
    database.parent.mkdir(parents=True, exist_ok=True)
    report = import_laws(source, database, on=on, progress=progress)
    wordings = load_wordings(load_topics(TOPICS, load_catalogue()))
    with store.opened(database) as db:
        texts = {one.id: one.text for one in store.current_articles(db)}
    learned = learn_articles(wordings, texts, learned_folder(database), progress=partial(progress, "学问法"))
    return f"{report.text()}\n{'问法已重新学过。' if learned else '问法无须重学。'}"


def imported_ids(database: Path) -> frozenset[str] | None:
    return store.article_ids(database) if database.exists() else None

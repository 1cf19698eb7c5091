"""One article of the law: whether it exists, since when, and its text where it has been imported."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.domain.errors import NotFound
from knowledge_base.citations import parse
from knowledge_base.statutes import store
from knowledge_base.statutes.catalogue import Catalogue


@dataclass(frozen=True)
class ArticleFound:
    """`text` is None while the law has not been imported."""

    id: str
    law: str
    label: str
    effective: str | None
    text: str | None


def find_article(id: str, *, catalogue: Catalogue, statutes: Path, on: date) -> ArticleFound:
    """Raises NotFound with the reason, for an article that does not exist or no longer stands."""
    if refusal := catalogue.refusal(id, on=on):
        raise NotFound(refusal)
    citation, law = parse(id), catalogue.laws[parse(id).law]
    effective = law.effective.isoformat() if law.effective else None
    text = None
    if statutes.is_file():
        with store.opened(statutes) as database:
            found = store.article(database, id)
        if found is not None:
            text, effective = found.text, found.effective or effective
    return ArticleFound(citation.id, citation.law, citation.label, effective, text)

"""Clauses of a written rule or agreement: whether what is named there is forbidden by it, not agreed on."""

import re

CLAUSE = re.compile(r"[。；;！!\n，,：:、]")
THEREFORE = re.compile(r"的$|者|否则|一律")


def negated(text: str, at: int, unless: re.Pattern[str]) -> bool:
    """Whether the clause says before these words that it is not to be done: 不得罚款, but not 不得乱扔，违者罚款."""
    clause = CLAUSE.split(text[:at])[-1]
    said = [hit.end() for hit in unless.finditer(clause)]
    return bool(said) and not THEREFORE.search(clause[said[-1] :])

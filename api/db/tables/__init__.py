"""All tables, so that the metadata is whole wherever it is asked for."""

from api.db.tables import (
    conversations,
    desk,
    directory,
    evidence,
    hotline,
    notices,
    oversight,
    papers,
    records,
    review,
    statistics,
    villagers,
    work,
)

__all__ = [
    "conversations",
    "desk",
    "directory",
    "evidence",
    "hotline",
    "notices",
    "oversight",
    "papers",
    "records",
    "review",
    "statistics",
    "villagers",
    "work",
]

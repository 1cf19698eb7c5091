"""All tables, so that the metadata is whole wherever it is asked for."""

from api.db.tables import (
    clocks,
    conversations,
    desk,
    directory,
    erasures,
    evidence,
    hotline,
    notices,
    oversight,
    papers,
    photos,
    records,
    review,
    statistics,
    villagers,
    work,
)

__all__ = [
    "clocks",
    "conversations",
    "desk",
    "directory",
    "erasures",
    "evidence",
    "hotline",
    "notices",
    "oversight",
    "papers",
    "photos",
    "records",
    "review",
    "statistics",
    "villagers",
    "work",
]

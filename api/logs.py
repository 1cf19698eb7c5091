"""Logging of every process: one line per event, no message text and no personal data."""

import logging


def configure_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s", force=True)
    for noisy in ("httpx", "httpcore", "sanic.root", "jieba", "rasa_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

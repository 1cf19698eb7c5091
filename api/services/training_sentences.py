"""The written training sentences, read as data (nlu_data belongs to the bot's world, which is not imported here)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from api.domain.near_duplicates import Twins, near_duplicates

ROOT = Path(__file__).resolve().parents[2]
NLU = ROOT / "nlu_data" / "nlu"
KIN = ROOT / "nlu_data" / "lookups" / "concepts" / "kin.yml"
PLACES = ROOT / "nlu_data" / "lookups" / "places.txt"


def sentences(folder: Path = NLU) -> Mapping[str, Sequence[str]]:
    """All sentences by label: `category.subcategory` where they have one, else the dialogue act."""
    found: dict[str, dict[str, None]] = {}
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            told = block.get("metadata") or {}
            label = f"{told['category']}.{told['subcategory']}" if told.get("category") else block.get("intent")
            if label:
                lines = (line.strip().removeprefix("- ").strip() for line in block["examples"].splitlines())
                found.setdefault(label, {}).update(dict.fromkeys(line for line in lines if line))
    return {label: list(texts) for label, texts in found.items()}


def slot_words() -> list[str]:
    """Kinship words and place names: other ones make no other sentence."""
    kin = yaml.safe_load(KIN.read_text(encoding="utf-8")).values()
    places = (line.split()[0] for line in PLACES.read_text(encoding="utf-8").splitlines() if line.strip())
    return [*(word for words in kin for word in words.split()), *places]


def twins() -> tuple[list[Twins], int]:
    """Every near duplicate, the most alike first, and how many sentences there are."""
    written = sentences()
    found = sorted(near_duplicates(written, slot_words()), key=lambda pair: -pair.alike)
    return found, sum(map(len, written.values()))

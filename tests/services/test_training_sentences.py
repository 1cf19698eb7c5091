"""What is asked of the written training sentences as a whole: enough of everything, and each its own."""

from collections import Counter

import yaml

from api.services.training_sentences import ROOT, sentences, twins

FIFTEEN = 15


def test_hardly_any_sentence_repeats_another() -> None:
    found, all_of_them = twins()
    assert all_of_them >= 9000
    assert len(found) <= 0.01 * all_of_them, [(pair.one, pair.other) for pair in found[:20]]


def test_every_subcategory_has_enough_sentences() -> None:
    taxonomy = yaml.safe_load((ROOT / "knowledge_base" / "routing" / "taxonomy.yml").read_text(encoding="utf-8"))
    wanted = {f"{one['code']}.{sub}" for one in taxonomy["categories"] for sub in one["subcategories"]}
    counts = Counter({label: len(texts) for label, texts in sentences().items()})
    matters = {label: counts[label] for label in wanted if not label.startswith("out_of_scope.")}
    assert {label: count for label, count in matters.items() if count < 60} == {}
    assert min(sorted(matters.values())[-FIFTEEN:]) >= 200

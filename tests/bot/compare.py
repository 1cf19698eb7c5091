"""What each part of the category classifier brings, beside plainer models on the same sentences, in one run.

usage: .venv-bot/bin/python -m tests.bot.compare [--texts FILE.jsonl] [--diet EPOCHS]

Without `--texts` the frozen sentences (nlu_data/frozen) are asked; a JSONL file needs `text` and `category` per line.
Accuracy is of the category. The noise columns replace one Chinese character in ten by another of the same sound.
`--diet` also trains Rasa's DIET on the same sentences (slow: hours on two cores with all of them).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml
from pypinyin import Style, lazy_pinyin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bot.borrowed import ASKED, LABELS, questions
from bot.evaluation import labelled
from bot.features import DEFAULTS, TextFeatures
from bot.linear import CalibratedLinear, TwoLevelLinear, category_of
from bot.text import matter, normalise
from tests.bot.conftest import ROOT

NOISE = 0.1
Predict = Callable[[Sequence[str]], Sequence[str]]
Examples = list[tuple[str, str, str]]  # text, category.subcategory, manner


def settings() -> dict[str, object]:
    config = yaml.safe_load((ROOT / "bot" / "config.yml").read_text(encoding="utf-8"))
    return next(item for item in config["pipeline"] if item["name"].endswith("DisputeClassifier"))


def examples(config: dict[str, object]) -> Examples:
    found: dict[tuple[str, str], str] = {}
    of_acts: dict[str, str] = config["labels_of_acts"]  # type: ignore[assignment]
    for path in sorted((ROOT / "nlu_data" / "nlu").glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            told = block.get("metadata") or {}
            label = of_acts.get(block.get("intent", ""))
            label = f"{told['category']}.{told['subcategory']}" if told.get("category") else label
            for line in block.get("examples", "").splitlines() if label else ():
                found[matter(normalise(line.removeprefix("- "))), str(label)] = told.get("manner", "other")
    for label, text in questions(ASKED, LABELS):
        found.setdefault((matter(normalise(text)), label), "lent")
    return [(text, label, manner) for (text, label), manner in found.items() if text]


def misheard(texts: Sequence[str], heard: Sequence[str]) -> list[str]:
    """Each text with one Chinese character in ten replaced by one of the same sound (from those in `heard`)."""
    by_sound = defaultdict(set)
    for character in {c for text in heard for c in text if "\u4e00" <= c <= "\u9fff"}:
        by_sound[lazy_pinyin(character, style=Style.NORMAL)[0]].add(character)
    rng = random.Random(7)

    def changed(character: str) -> str:
        if not "\u4e00" <= character <= "\u9fff" or rng.random() >= NOISE:
            return character
        others = sorted(by_sound[lazy_pinyin(character, style=Style.NORMAL)[0]] - {character})
        return rng.choice(others) if others else character

    return ["".join(map(changed, text)) for text in texts]


def ours(data: Examples, config: dict[str, object], views: dict[str, dict[str, object]]) -> Predict:
    features = TextFeatures(views)
    matrix = features.fit_transform([text for text, _, _ in data])
    manners: dict[str, float] = config["manners"]  # type: ignore[assignment]
    counts = np.array([manners.get(manner, 1.0) for _, _, manner in data])
    options = {name: config[name] for name in ("cost", "balanced", "mix", "mix_weight")}
    model = TwoLevelLinear.fit(matrix, [label for _, label, _ in data], counts=counts, **options)  # type: ignore[arg-type]
    return lambda texts: _categories(model, features, texts)


def _categories(model: TwoLevelLinear | CalibratedLinear, features: TextFeatures, texts: Sequence[str]) -> list[str]:
    shares = model.probabilities(features.transform([matter(normalise(text)) for text in texts]))
    parents = sorted({category_of(label) for label in model.classes})
    of = np.array([parents.index(category_of(label)) for label in model.classes])
    summed = np.zeros((len(texts), len(parents)))
    np.add.at(summed.T, of, shares.T)
    return [parents[at] for at in summed.argmax(axis=1)]


def plain(data: Examples, classifier: object) -> Predict:
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True), classifier)
    model.fit([text for text, _, _ in data], [category_of(label) for _, label, _ in data])
    return lambda texts: list(model.predict([matter(normalise(text)) for text in texts]))


def diet(data: Examples, epochs: int) -> Predict:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier
    from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.jieba_tokenizer import LegalJiebaTokenizer

    storage, context = LocalModelStorage(Path("/tmp/diet")), ExecutionContext(GraphSchema({}))
    tokenizer = LegalJiebaTokenizer.create(LegalJiebaTokenizer.get_default_config(), storage, Resource("t"), context)
    chars = {**CountVectorsFeaturizer.get_default_config(), "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
    counter = CountVectorsFeaturizer.create(chars, storage, Resource("c"), context)
    config = {**DIETClassifier.get_default_config(), "epochs": epochs, "entity_recognition": False, "random_seed": 7}
    classifier = DIETClassifier.create(config, storage, Resource("d"), context)
    training = TrainingData([Message({"text": text, "intent": category_of(label)}) for text, label, _ in data])
    tokenizer.process_training_data(training)
    counter.train(training)
    counter.process_training_data(training)
    classifier.train(training)

    def predict(texts: Sequence[str]) -> list[str]:
        messages = [Message({"text": matter(normalise(text))}) for text in texts]
        done = classifier.process(counter.process(tokenizer.process(messages)))
        return [message.get("intent")["name"] for message in done]

    return predict


def asked(path: Path | None) -> list[tuple[str, str]]:
    rows = labelled(ROOT / "nlu_data" / "frozen") if path is None else map(json.loads, path.open(encoding="utf-8"))
    return [(row["text"], row["category"]) for row in rows if row.get("category")]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--texts", type=Path)
    arguments.add_argument("--diet", type=int, default=0)
    options = arguments.parse_args()
    config = settings()
    data = examples(config)
    rows = asked(options.texts)
    texts, wanted = [text for text, _ in rows], [category for _, category in rows]
    noisy = misheard(texts, [text for text, _, _ in data])
    alone = {"manners": {}}
    views = {name: dict(view) for name, view in DEFAULTS.items()}
    runs: dict[str, Callable[[], Predict]] = {
        "全部": lambda: ours(data, config, views),
        "去掉拼音": lambda: ours(data, config, {n: v for n, v in views.items() if n != "pinyin"}),
        "去掉概念": lambda: ours(data, config, {n: v for n, v in views.items() if n in ("char", "pinyin")}),
        "只用字": lambda: ours(data, config, {"char": views["char"]}),
        "不借法条问法": lambda: ours([one for one in data if one[2] != "lent"], config, views),
        "不要大白话": lambda: ours([one for one in data if one[2] != "plain"], config, views),
        "口吻不加权": lambda: ours(data, {**config, **alone}, views),
        "字二元 LinearSVC": lambda: plain(data, LinearSVC(C=0.5)),
        "字二元 ComplementNB": lambda: plain(data, ComplementNB()),
    }
    if options.diet:
        runs[f"DIET（{options.diet} 轮）"] = lambda: diet(data, options.diet)
    print(f"例句 {len(data)}，问 {len(texts)} 句")  # noqa: T201
    for name, build in runs.items():
        began = time.perf_counter()
        predict = build()
        spent = time.perf_counter() - began
        right = [float(np.mean([a == b for a, b in zip(predict(t), wanted)])) for t in (texts, noisy)]  # noqa: B905
        print(f"{name:16s} {right[0]:.3f}  同音字 {right[1]:.3f}（{right[1] - right[0]:+.3f}）  {spent:.0f} 秒")  # noqa: T201


if __name__ == "__main__":
    main()

"""Each component is created, trained, stored, loaded and used as Rasa does it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.crisis_classifier import CrisisClassifier, sentences
from bot.components.dispute_classifier import DisputeClassifier
from bot.components.entity_extractor import RuleEntityExtractor
from bot.components.intent_classifier import ActClassifier
from bot.components.jieba_tokenizer import LegalJiebaTokenizer
from bot.components.normaliser import Normaliser
from bot.light import needs_tensorflow
from tests.bot.conftest import DATA, ROOT

CONTEXT = ExecutionContext(GraphSchema({}))
TEXTS = ["包工頭欠我们三个月工资", "村里要收我家三亩地", "没领证彩礼能要回来吗", "😀"]


@pytest.fixture
def data() -> TrainingData:
    loaded = training_data_from_paths([str(DATA / "nlu.yml")], "zh")
    return Normaliser().process_training_data(loaded)


def configuration(name: str) -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "bot" / "config.yml").read_text(encoding="utf-8"))
    (item,) = [item for item in content["pipeline"] if item["name"].endswith(name)]
    return {key: value for key, value in item.items() if key != "name"}


def messages() -> list[Message]:
    return Normaliser().process([Message({"text": text}) for text in TEXTS])


def stored_and_loaded(cls: Any, data: TrainingData, folder: Path) -> tuple[Any, Any]:
    config = {**cls.get_default_config(), **configuration(cls.__name__)}
    storage, resource = LocalModelStorage(folder), Resource(cls.__name__)
    trained = cls.create(config, storage, resource, CONTEXT)
    assert trained.train(data) == resource
    return trained, cls.load(config, storage, resource, CONTEXT)


def test_acts_survive_storage_and_are_probabilities(data: TrainingData, tmp_path: Path) -> None:
    trained, loaded = stored_and_loaded(ActClassifier, data, tmp_path)
    before, after = trained.process(messages()), loaded.process(messages())
    assert [m.get("intent")["name"] for m in after] == ["dispute", "dispute", "consultation", None]
    for one, other in zip(before, after, strict=True):
        assert one.get("intent")["confidence"] == pytest.approx(other.get("intent")["confidence"], abs=1e-5)
    ranking = after[0].get("intent_ranking")
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1, abs=1e-4)
    assert ranking[0] == after[0].get("intent")


def test_triage_levels_agree(data: TrainingData, tmp_path: Path) -> None:
    _, loaded = stored_and_loaded(DisputeClassifier, data, tmp_path)
    results = [message.get("triage") for message in loaded.process(messages())]
    assert [r["category"] for r in results] == ["labor", "land_forest", "marriage_family", None]
    assert [r["subcategory"] for r in results] == ["unpaid_wages", "reclaim_adjust", "bride_price", None]
    top = results[0]
    assert 0 < top["subcategory_confidence"] <= top["confidence"] + 1e-6 <= 1 + 1e-5
    assert len(top["alternatives"]) == 3
    assert top["category"] not in {other["category"] for other in top["alternatives"]}


def test_triage_travels_to_the_output(data: TrainingData, tmp_path: Path) -> None:
    _, loaded = stored_and_loaded(DisputeClassifier, data, tmp_path)
    assert "triage" in loaded.process(messages())[0].as_dict(only_output_properties=True)


def test_homophones_of_voice_input_change_little(data: TrainingData, tmp_path: Path) -> None:
    _, loaded = stored_and_loaded(DisputeClassifier, data, tmp_path)
    heard = loaded.process([Message({"text": "没领证才礼能药回来吗"}), Message({"text": "老班拖欠公资"})])
    assert [message.get("triage")["category"] for message in heard] == ["marriage_family", "labor"]


def test_training_on_one_class_is_refused(tmp_path: Path) -> None:
    data = TrainingData([Message({"text": text, "intent": "greet"}) for text in ("你好", "您好")])
    with pytest.raises(ValueError, match="two classes"):
        stored_and_loaded(ActClassifier, data, tmp_path)


@pytest.fixture(scope="module")
def crisis(tmp_path_factory: pytest.TempPathFactory) -> tuple[CrisisClassifier, CrisisClassifier]:
    """Trained on what we ship, and loaded again."""
    loaded = training_data_from_paths([str(DATA / "nlu.yml")], "zh")
    data = Normaliser().process_training_data(loaded)
    return stored_and_loaded(CrisisClassifier, data, tmp_path_factory.mktemp("crisis"))


def dangers(classifier: CrisisClassifier, *texts: str) -> list[dict[str, Any]]:
    messages = Normaliser().process([Message({"text": text}) for text in texts])
    return [message.get("danger") for message in classifier.process(messages)]


def test_dangers_are_told_from_idioms_and_each_other(
    crisis: tuple[CrisisClassifier, CrisisClassifier],
) -> None:
    told = [
        "我老公喝了酒又把我按在地上打",
        "药都倒出来数好了，我先走了",
        "三十多个工友把项目部大门堵了",
        "孙女说隔壁大爷脱她裤子",
    ]
    found = dangers(crisis[1], *told)
    assert [one["kind"] for one in found] == ["domestic_violence", "self_harm", "mass_incident", "child_harm"]
    assert all(one["confidence"] > 0.5 and one["kinds"][0] == one["kind"] for one in found)
    calm = dangers(crisis[1], "这棵树能砍吗", "彩礼能退多少", "电视剧里那个坏人死了", "包工头欠我们三个月工资")
    assert max(one["confidence"] for one in calm) < 0.3


def test_crisis_survives_storage(crisis: tuple[CrisisClassifier, CrisisClassifier]) -> None:
    before, after = (dangers(one, *TEXTS, "他说要弄死我全家") for one in crisis)
    assert [one["kind"] for one in before] == [one["kind"] for one in after]
    for one, other in zip(before, after, strict=True):
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-5)


def test_a_button_or_no_text_is_no_danger(crisis: tuple[CrisisClassifier, CrisisClassifier]) -> None:
    nothing = {"kind": None, "confidence": 0.0, "kinds": []}
    assert dangers(crisis[1], "/affirm", "😀") == [nothing, nothing]


def test_danger_travels_to_the_output(crisis: tuple[CrisisClassifier, CrisisClassifier]) -> None:
    (message,) = crisis[1].process([Message({"text": "救命"})])
    assert "danger" in message.as_dict(only_output_properties=True)


def test_every_kind_of_danger_has_its_sentences() -> None:
    written = list(sentences())
    texts = [text for _, text in written]
    assert len(texts) == len(set(texts))
    by_kind = {kind: sum(one == kind for one, _ in written) for kind in {kind for kind, _ in written}}
    assert len(by_kind) == 9
    assert by_kind.pop("calm") >= 900
    assert min(by_kind.values()) >= 120, by_kind


def test_a_file_of_sentences_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("calm: [一句]\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.yml"):
        list(sentences(tmp_path))


def test_normaliser_keeps_the_raw_text_and_the_channels_metadata() -> None:
    (message,) = Normaliser().process([Message({"text": "欠錢！！！", "metadata": {"channel": "web"}})])
    assert message.get("text") == "欠钱!!"
    assert message.get("metadata") == {"channel": "web", "raw_text": "欠錢！！！"}


def test_every_token_stands_where_it_says() -> None:
    config = LegalJiebaTokenizer.get_default_config()
    tokenizer = LegalJiebaTokenizer.create(config, LocalModelStorage(Path()), Resource("t"), CONTEXT)
    text = "东沟村打乱重分承包地,欠我3万5 千元!"
    (message,) = tokenizer.process([Message({"text": text})])
    tokens = message.get("text_tokens")
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert {"东沟村", "打乱重分", "承包地"} <= {token.text for token in tokens}


def test_entities_have_rasas_shape_and_count_from_the_given_moment() -> None:
    (message,) = RuleEntityExtractor().process(
        [Message({"text": "昨天还欠3万5", "metadata": {"now": "2026-11-22T10:00:00+08:00"}})]
    )
    day, money = message.get("entities")
    assert day["value"] == {"from": "2026-11-21", "to": "2026-11-21"}
    assert money == {
        "entity": "money",
        "value": 35000,
        "start": 4,
        "end": 7,
        "text": "3万5",
        "extractor": "RuleEntityExtractor",
    }


def test_a_batch_is_answered_like_its_messages_one_by_one(data: TrainingData, tmp_path: Path) -> None:
    _, loaded = stored_and_loaded(DisputeClassifier, data, tmp_path)
    together = loaded.process(messages())
    alone = [loaded.process([message])[0] for message in messages()]
    pairs = zip(together, alone, strict=True)
    assert np.allclose(
        *zip(*((a.get("triage")["confidence"], b.get("triage")["confidence"]) for a, b in pairs), strict=True),
        atol=1e-5,
    )


def test_two_trainings_say_the_same(data: TrainingData, tmp_path: Path) -> None:
    for cls, told in ((ActClassifier, "intent"), (DisputeClassifier, "triage")):
        first, _ = stored_and_loaded(cls, data, tmp_path)
        second, _ = stored_and_loaded(cls, data, tmp_path)
        assert [m.get(told) for m in first.process(messages())] == [m.get(told) for m in second.process(messages())]


def test_a_manner_counts_as_often_as_the_configuration_says() -> None:
    said = {"人参卖给他不给钱": ("contract", "plain"), "人参让他拔走了": ("land_forest", "other")}
    examples = [
        Message(
            {
                "text": text,
                "intent": "dispute",
                "metadata": {"intent": {"category": c, "subcategory": "x", "manner": m}},
            }
        )
        for text, (c, m) in said.items()
    ]

    def says(manners: dict[str, float], folder: Path) -> str:
        config = {**DisputeClassifier.get_default_config(), "manners": manners}
        component = DisputeClassifier.create(config, LocalModelStorage(folder), Resource("d"), CONTEXT)
        component.train(TrainingData(examples))
        return str(component.process([Message({"text": "人参"})])[0].get("triage")["category"])

    with TemporaryDirectory() as folder:
        assert says({"plain": 5.0, "other": 0.1}, Path(folder)) == "contract"
        assert says({"plain": 0.1, "other": 5.0}, Path(folder)) == "land_forest"


def test_our_configuration_needs_no_tensorflow(tmp_path: Path) -> None:
    assert not needs_tensorflow(ROOT / "bot" / "config.yml")
    heavy = tmp_path / "config.yml"
    heavy.write_text("pipeline:\n- name: DIETClassifier\n", encoding="utf-8")
    assert needs_tensorflow(heavy)

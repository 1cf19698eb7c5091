from __future__ import annotations

import pytest

from knowledge_base.loader import TOPICS, load_topics
from knowledge_base.retrieval.ask import Answers
from knowledge_base.retrieval.kept import Kept
from knowledge_base.retrieval.split import split_questions
from knowledge_base.schema import KnowledgeBase
from knowledge_base.statutes.catalogue import Catalogue, load_catalogue

UNRELATED = [
    "后天赶集下不下雪",
    "红薯窖里咋防烂",
    "给我放一段梆子戏",
    "母猪该喂啥料下奶多",
    "镇上理发店几点开门",
    "帮忙充二十块话费",
    "你是真人还是机器",
    "抖音怎么发视频",
    "我的花生叶子卷了",
    "最近一班去市里的大巴几点",
    "胃疼吃什么药好得快",
    "孩子数学题不会",
    "手机屏幕碎了换一个多少钱",
    "今年苞米收购价高不高",
    "教我做酸菜鱼",
    "谁唱的这首歌",
    "电视遥控器没反应",
    "鸡瘟打什么疫苗",
    "春联怎么写好看",
    "拖拉机打不着火",
    "井里的水泵坏了",
    "今天农历初几",
    "想学开挖掘机",
    "庙会有啥好玩的",
    "稻谷晒多少个太阳才能进仓",
    "豆腐脑是放糖还是放盐",
    "借问一下镇卫生院礼拜天有没有人",
    "玉米种两年要不要轮作",
    "老公明天过生日做啥菜",
    "羊羔不吃奶咋回事",
    "邻居家闺女考上师范了真替她高兴",
    "房顶种点葱行得活不",
    "地里墒情够不够下种",
    "我家狗今早下了五个崽",
    "老板娘做的凉皮好吃得很",
    "大棚里温度上不去",
    "电饭锅煮饭夹生",
    "去年腌的咸菜长白毛了",
    "村口喇叭放的啥歌",
    "插秧机怎么调行距",
    "猕猴桃什么时候授粉",
    "儿子要买自行车骑去上学",
    "工资条短信怎么不发了我手机",
    "桃树流胶用啥药",
    "火车票哪天开始抢",
    "红白喜事随礼一般随多少",
    "腊肉熏几天",
    "老人机字怎么调大",
    "鸭苗哪里便宜",
    "这两天雾大看不清路",
    "蜂箱里爬进蚂蚁了",
    "广场舞教程发一个",
    "我们村的樱花开了快来玩",
    "三轮车轮胎没气了哪有打气筒",
    "地暖一直不热",
    "丈母娘爱吃软的买啥点心",
    "合同纸怎么打成两面",
    "孩子夜里老踢被子",
    "今晚几点停水",
    "房子朝南好还是朝东好",
    "收割机师傅的电话有没有",
    "菜籽油为啥冒沫",
    "学校门口那家面馆搬哪去了",
    "中午睡过头了",
]


@pytest.fixture(scope="module")
def ours() -> KnowledgeBase:
    return load_topics(TOPICS, load_catalogue())


@pytest.fixture(scope="module")
def answers(ours: KnowledgeBase, wordings: Kept) -> Answers:
    return Answers(ours, kept=wordings)


def test_a_known_wording_is_answered_surely(base: KnowledgeBase) -> None:
    result = Answers(base).ask("鹅啄人，谁掏药钱？")
    assert result.entry is not None
    assert (result.entry.id, result.confidence, result.close) == ("demo.goose", 1.0, False)


def test_an_empty_message_or_an_empty_base_finds_nothing(base: KnowledgeBase) -> None:
    for found in (Answers(base).ask(" ？"), Answers(KnowledgeBase(())).ask("鹅啄人谁掏药钱")):
        assert (found.entry, found.confidence, found.close) == (None, 0.0, False)


def test_the_triage_decides_between_like_entries(base: KnowledgeBase) -> None:
    ranked = Answers(base).rank("钱谁掏", {"category": "labor", "subcategory": "unpaid_wages", "confidence": 0.9})
    other = Answers(base).rank(
        "钱谁掏", {"category": "injury_compensation", "subcategory": "animal", "confidence": 0.9}
    )
    assert ranked.scores[1] > other.scores[1]
    assert other.scores[0] > ranked.scores[0]
    unsure = Answers(base).rank("钱谁掏", {"category": "labor", "subcategory": "unpaid_wages", "confidence": 0.1})
    assert unsure.agreement is None


def test_two_questions_are_answered_in_order(base: KnowledgeBase) -> None:
    found = Answers(base).ask_all("烧砖的老板赖工钱？还有，鹅啄人谁掏药钱？")
    assert [one.entry.id for one in found if one.entry] == ["demo.kiln", "demo.goose"]


def test_the_same_answer_is_given_once(base: KnowledgeBase) -> None:
    found = Answers(base).ask_all("鹅啄人谁掏药钱？家禽伤人算谁的？")
    assert [one.entry.id for one in found if one.entry] == ["demo.goose"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("地被占了怎么办", ["地被占了怎么办"]),
        ("1、地租怎么算？2、合同找谁签？", ["地租怎么算？", "合同找谁签？"]),
        ("我爹走了，房子怎么分？另外欠的债谁还", ["我爹走了，房子怎么分？", "欠的债谁还"]),
        ("墙倒了。邻居不管。我找谁？", ["墙倒了。邻居不管。我找谁？"]),
        ("欠我1.5万，怎么要", ["欠我1.5万，怎么要"]),
    ],
)
def test_splitting(text: str, parts: list[str]) -> None:
    assert split_questions(text, 4) == parts


def test_no_more_than_so_many_questions() -> None:
    assert len(split_questions("房子怎么分？车子归谁？孩子跟谁？存款怎么算？债谁来还？", 4)) == 4


def test_unrelated_sentences_get_no_law(answers: Answers) -> None:
    """Without the triage of the bot, which takes most of them for talk before they get here."""
    answered = [text for text in UNRELATED if answers.ask(text).entry is not None]
    assert len(answered) <= len(UNRELATED) * 0.08, answered


def test_our_own_wordings_lead_home(answers: Answers, ours: KnowledgeBase) -> None:
    for entry in ours.entries:
        for text in entry.variants:
            found = answers.ask(text).entry
            assert found is not None
            assert found.id == entry.id


def test_dressed_wordings_lead_home(answers: Answers, ours: KnowledgeBase) -> None:
    right = 0
    for entry in ours.entries:
        found = answers.ask(f"师傅您好，{entry.variants[0]}，这事该咋整").entry
        right += found is not None and found.id == entry.id
    assert right >= 0.9 * len(ours.entries)


def test_our_topics_never_send_a_refused_citation(ours: KnowledgeBase, catalogue: Catalogue) -> None:
    for entry in ours.entries:
        for citation in entry.citations:
            assert catalogue.refusal(citation.id, on=entry.checked_on) is None

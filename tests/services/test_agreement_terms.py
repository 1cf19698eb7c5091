"""What must not stand in an agreement is found in either order of words, and what protects a right is left alone."""

import pytest

from api.domain.agreement import forbidden
from api.services.desk_rules import desk_rules

REFUSED = [
    ("court", "给钱私了，不许再去告。"),
    ("court", "收了钱就不打官司了。"),
    ("court", "谁都不准上法院。"),
    ("court", "以后不得再去法院起诉。"),
    ("court", "双方放弃诉权，谁也别告谁。"),
    ("police", "谁也别上访。"),
    ("police", "此事永不报警，也不再上访。"),
    ("police", "甲方承诺息诉罢访。"),
    ("for_life", "甲方终身不得向乙方主张任何权利。"),
    ("crime", "乙方赔五万元，甲方不再追究刑事责任。"),
    ("liberty", "钱付清以前扣下身份证抵押。"),
    ("liberty", "身份证押在甲方那里，还清再拿。"),
    ("services", "再不还就扣发乙方低保。"),
    ("services", "低保停发，直到付清。"),
    ("services", "不还钱就把他家水电断了。"),
    ("services", "谁违约就停水停电。"),
    ("fine", "谁再闹罚款五百交村里。"),
    ("fine", "违者罚200元。"),
    ("shame", "不还钱就把名字贴公告栏曝光。"),
    ("shame", "不付钱就在村微信群里公开曝光。"),
    ("marriage", "婚后不得离婚。"),
    ("marriage", "谁先提离婚谁净身出户。"),
    ("sold", "把女儿许给甲方抵债。"),
    ("sold", "还不上就拿闺女抵债。"),
    ("visits", "女方不准再来看孩子。"),
    ("visits", "孩子以后不让男方见。"),
    ("visits", "女方自愿放弃探望权。"),
]
WARNED = [
    ("status", "双方同意离婚，房子归女方。"),
    ("status", "解除收养关系。"),
    ("title", "这块宅基地使用权归邻居。"),
    ("support", "女方今后不付抚养费。"),
    ("interest", "逾期按月息五分付利息。"),
    ("interest", "借款五万元，月利率2%。"),
    ("interest", "欠款按年利率36%计息。"),
    ("interest", "逾期每天百分之一违约金。"),
    ("all_claims", "乙方不再主张任何权利。"),
]
FINE = [
    "任何一方不履行的，另一方可以向人民法院起诉。",
    "乙方不能按期履行的甲方可以起诉。",
    "双方不得以任何方式阻碍对方起诉、报警、上访。",
    "调解不影响任何一方向法院起诉。",
    "双方不得将调解内容告知他人，不得张贴广告。",
    "本次纠纷一次了结，双方互不追究。",
    "甲方不得再就此事向乙方主张任何权利，赔偿款已经付清。",
    "乙方当天归还扣押的身份证。",
    "双方不得扣留对方身份证。",
    "村里不得停水停电，不得取消低保。",
    "因停水停电造成的损失由乙方赔偿。",
    "乙方将挖断的水管修好。",
    "交警的罚款由乙方承担。",
    "谁的罚款谁交。",
    "乙方逾期付款的，按日万分之五付违约金。",
    "借款三万元，月利率1%，月底还清。",
    "每月利息200元，月底付。",
    "月息三厘。",
    "双方和好，不离婚，不再提离婚的事。",
    "离婚后房子由女方住，男方每月看孩子两次。",
    "男方不得阻碍女方看孩子。",
    "男方不得酒后看孩子。",
    "双方不得以离婚相威胁。",
    "乙方在村微信群里公开赔礼道歉。",
    "乙方删除曝光的视频，以后不得曝光对方隐私。",
    "甲方收回租给乙方的承包地，乙方秋收后交地。",
    "扣除已领的补助，乙方再付三千元。",
    "甲方女儿嫁给乙方儿子时收的彩礼退还一半。",
    "乙方不付抚养费的，另一方可以申请执行。",
]


def found(text: str) -> dict[str, bool]:
    return {one.rule.key: one.rule.refuses for one in forbidden([text], desk_rules().agreement)}


@pytest.mark.parametrize(("key", "text"), REFUSED)
def test_what_takes_a_right_away_is_refused(key: str, text: str) -> None:
    assert found(text).get(key) is True


@pytest.mark.parametrize(("key", "text"), WARNED)
def test_what_is_doubtful_is_warned_of_and_not_refused(key: str, text: str) -> None:
    assert found(text)[key] is False
    assert True not in found(text).values()


@pytest.mark.parametrize("text", FINE)
def test_ordinary_terms_pass_in_silence(text: str) -> None:
    assert found(text) == {}

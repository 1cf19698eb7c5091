"""The features of a text: quick rows for one message, sklearn's for many."""

import numpy as np

from bot.features import DEFAULTS, TextFeatures


def test_a_single_message_gets_the_row_it_would_get_in_a_batch() -> None:
    texts = ["包工头欠我三个月工资", "邻居砌墙占了滴水檐", "才礼能要回来吗", "hello，明天下雨吗", "好", "工资工资"]
    features = TextFeatures(DEFAULTS)
    features.fit_transform(texts * 2)
    batch = features.transform(texts * 3)[: len(texts)].toarray()
    one_by_one = np.vstack([features.transform([text]).toarray() for text in texts])
    assert np.allclose(batch, one_by_one, atol=1e-6)

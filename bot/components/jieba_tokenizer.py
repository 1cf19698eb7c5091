"""Words for components that want them; jieba with our own dictionaries, every token aligned with the text."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.features import segmenter, source_fingerprint


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LegalJiebaTokenizer(Tokenizer):
    """jieba tokenizer whose dictionaries are `nlu_data/lookups/legal_terms.txt` and `places.txt`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_fingerprint()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Raises ValueError when a token does not stand where it says it does."""
        text = message.get(attribute)
        tokens = [Token(word, start) for word, start, _ in segmenter().tokenize(text) if word.strip()]
        for token in tokens:
            if text[token.start : token.end] != token.text:
                raise ValueError(f"token {token.text!r} is not at {token.start}:{token.end} of {text!r}")
        return self._apply_token_pattern(tokens)

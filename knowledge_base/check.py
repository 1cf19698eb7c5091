"""The check of the whole knowledge base as one readable text: refused, to be looked at, and what is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from knowledge_base.citations import label_key
from knowledge_base.glossary import load_glossary
from knowledge_base.loader import Rules, Taxonomy, inspect_topics
from knowledge_base.retrieval.bridge import load_lay
from knowledge_base.retrieval.lexicon import load_lexicon
from knowledge_base.schema import Entry
from knowledge_base.statutes.catalogue import Catalogue

_SENTENCE = re.compile(r"[。！？；\n]")
_NO_COURT = re.compile(r"(?:不能|不可以|不许|不得|别)(?:去|到|上)?(?:法院)?(?:起诉|打官司|告状)|不能(?:去|到|上)法院")
_PROMISE = re.compile(r"一定能赢|肯定能赢|保证拿到|包赢")
_FIGURE = re.compile(r"\d")
LONGEST = 60


def _sentences(entry: Entry) -> Iterable[str]:
    for text in (entry.answer, *entry.exceptions, *entry.steps):
        yield from (one for one in _SENTENCE.split(text) if one)


def advice(entry: Entry, catalogue: Catalogue) -> list[str]:
    """Things a writer should look at again; none of them stops the loading."""
    out = [f"句子太长（{len(one)} 字）：{one[:20]}…" for one in _sentences(entry) if len(one) > LONGEST]
    everything = entry.answer + "".join(entry.exceptions)
    if _NO_COURT.search(everything):
        out.append("像是在说不能去法院，请换个说法")
    if _PROMISE.search(everything):
        out.append("像是在保证结果")
    if _FIGURE.search(entry.answer) and not entry.numbers:
        out.append("答案里有数字，numbers 却是空的")
    dates = [catalogue.laws[one.law].effective for one in entry.citations if one.law in catalogue.laws]
    newest = max((day for day in dates if day is not None), default=None)
    if newest is not None and entry.valid_from < newest:
        out.append(f"valid_from 早于所引法律的施行日 {newest}")
    out += [
        f"引用了 {one.id}：{catalogue.superseded[one.id].warning}"
        for one in entry.citations
        if one.id in catalogue.superseded
    ]
    return out


def drift(catalogue: Catalogue, article_ids: frozenset[str]) -> list[str]:
    """Where the catalogue and an imported text disagree about a law's articles."""
    highest: dict[str, int] = {}
    for id in article_ids:
        name, _, label = id.partition("#")
        highest[name] = max(highest.get(name, 0), (label_key(label) or (0, 0))[0])
    out = []
    for law in catalogue.laws.values():
        if law.name not in highest:
            out.append(f"导入的文本里没有{law.name}")
        elif highest[law.name] != law.highest:
            out.append(f"{law.name}：目录写到第 {law.highest} 条，文本到第 {highest[law.name]} 条")
    return out


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}：{len(lines)} 处", *(f"  {line}" for line in lines)] if lines else [f"{title}：没有"]


def report(
    folder: Path,
    catalogue: Catalogue,
    *,
    article_ids: frozenset[str] | None = None,
    taxonomy: Taxonomy | None = None,
    destinations: frozenset[str] | None = None,
) -> tuple[str, bool]:
    """The text of the check and whether the knowledge base may be used (nothing refused)."""
    entries, problems = inspect_topics(folder, Rules(catalogue, article_ids, taxonomy, destinations))
    looked = [f"{entry.file}｜{entry.id}：{line}" for entry in entries for line in advice(entry, catalogue)]
    cited = Counter(citation.law for entry in entries for citation in entry.citations)
    lay = load_lay()
    per_category = Counter(entry.category for entry in entries).most_common()
    lines = [
        f"答案 {len(entries)} 条，问法 {sum(len(entry.variants) for entry in entries)} 种，"
        f"引用 {sum(cited.values())} 处、法律 {len(cited)} 部。",
        f"法律目录 {len(catalogue.laws)} 部，已废止 {len(catalogue.repealed)} 部；口语词 {len(load_lexicon())} 个，"
        f"条文问法 {len(lay)} 种；术语 {len(load_glossary().terms)} 个。",
        *_section("拒绝载入", [str(problem) for problem in problems]),
        *_section("建议再看", looked),
    ]
    if article_ids:
        unknown = [f"{one.text} → {id}" for one in lay for id, _ in one.articles if id not in article_ids]
        lines += [
            *_section("条文问法指向不存在的条", unknown),
            *_section("目录与导入文本不一致", drift(catalogue, article_ids)),
        ]
    lines += ["按类目：", *(f"  {name} {number}" for name, number in per_category)]
    return "\n".join(lines), not problems

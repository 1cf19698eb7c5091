"""An answer as WeChat can show it: plain text, no buttons, in parts."""

from collections.abc import Sequence

from api.channels.wechat.splitting import LONGEST_BYTES, split
from api.channels.wechat.texts import Texts, Topics
from api.domain.conversation import Reply

MORE_CHARS = 24
PUSHED_PARTS = 4  # of the five messages a person's own message allows; one is kept for the ticket's result


def plain(reply: Reply, texts: Texts) -> str:
    """The choices are named, links are written out."""
    lines = [reply.text]
    if titles := [button["title"] for button in reply.buttons if button.get("title")]:
        lines.append(texts.choices + " / ".join(titles))
    lines += [f"{link.get('title', '')} {link.get('url', '')}".strip() for link in reply.links]
    return "\n".join(lines)


def which(topics: Topics, texts: Texts) -> str:
    """A menu key asks back: the commonest questions, one below the other, and that another may be typed."""
    return "\n".join([topics.ask, *(f"· {one}" for one in topics.commonest), texts.topics_end])


def parts(replies: Sequence[Reply], texts: Texts) -> list[str]:
    """All parts but the last say how to read on."""
    cut = split("\n\n".join(plain(reply, texts) for reply in replies), reserve=MORE_CHARS)
    last = len(cut)
    return [
        part + ("\n" + texts.more.format(part=number + 1) if number < last else "")
        for number, part in enumerate(cut, start=1)
    ]


def fitting(openings: Sequence[str], part: str) -> str:
    """The first opening that WeChat still takes together with this part; empty when none is short enough."""
    return next((one for one in openings if len((one + part).encode()) <= LONGEST_BYTES), "")


def pushed_parts(reply: Reply, texts: Texts) -> list[str]:
    """What is sent by itself comes whole, as far as the quota goes; only the end of that says how to read on."""
    cut = split(plain(reply, texts), reserve=MORE_CHARS)
    sent = cut[:PUSHED_PARTS]
    if len(cut) > len(sent):
        sent[-1] += "\n" + texts.more.format(part=PUSHED_PARTS + 1)
    return sent

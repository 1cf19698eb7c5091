"""Evidence over HTTP: in, listed, out with safe headers; nothing for those who may not see the ticket."""

import sys
from pathlib import Path

import pytest

from tests.http.site import Site
from tests.services.test_evidence_files import photo

STRANGER = {"channel": "web", "sender": "somebody-else"}


async def test_in_listed_and_out(site: Site) -> None:
    url = f"/api/v1/tickets/{await site.open_ticket()}/evidence"
    sent = [await site.http.post(url, files={"file": ("../墙.jpg", photo())}, headers=site.tool) for _ in range(2)]
    assert [one.status_code for one in sent] == [201, 201]
    assert (await site.http.get(url, headers=site.tool)).json() == [sent[0].json()] == [sent[1].json()]
    got = await site.http.get(f"{url}/{sent[0].json()['id']}", headers=site.tool)
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%A2%99.jpg"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert b"maker-of-phone" not in got.content


async def test_a_stranger_finds_nothing(site: Site) -> None:
    url = f"/api/v1/tickets/{await site.open_ticket()}/evidence"
    sent = await site.http.post(url, files={"file": ("a.jpg", photo())}, headers=site.tool)
    one = f"{url}/{sent.json()['id']}"
    answers = [await site.http.get(path, params=STRANGER, headers=site.actions) for path in (url, one)]
    answers.append(await site.http.post(url, params=STRANGER, files={"file": ("a.jpg", photo())}, headers=site.actions))
    assert [answer.status_code for answer in answers] == [404] * 3


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty"), (b"MZ\x90\x00" + bytes(99), "wrong_type"), (bytes(50_000_000), "too_large")]
)
async def test_refused(site: Site, content: bytes, code: str) -> None:
    url = f"/api/v1/tickets/{await site.open_ticket()}/evidence"
    answer = await site.http.post(url, files={"file": ("a.jpg", content)}, headers=site.tool)
    assert (answer.status_code, answer.json()["error"]) == (422, code)


@pytest.mark.parametrize(("result", "status"), [(0, 201), (1, 422), (2, 503)])
async def test_the_scanner_decides(site: Site, tmp_path: Path, result: int, status: int) -> None:
    script = tmp_path / "scan.py"
    script.write_text(f"import sys\nsys.stdin.buffer.read()\nsys.exit({result})\n")
    site.app.state.settings.antivirus_command = f"{sys.executable} {script}"
    url = f"/api/v1/tickets/{await site.open_ticket()}/evidence"
    answer = await site.http.post(url, files={"file": ("a.jpg", photo())}, headers=site.tool)
    assert answer.status_code == status

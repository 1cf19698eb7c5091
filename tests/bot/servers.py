"""The real bot in a process of its own, and a small action server to go with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"


def train_small_model(folder: Path) -> Path:
    files = [str(DATA / "nlu.yml"), str(DATA / "rules.yml")]
    command = [sys.executable, "-m", "bot", "train", "--out", str(folder), "--fixed-name", "small"]
    done = subprocess.run(
        [*command, "--domain", str(DATA / "domain.yml"), "--data", *files],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "small.tar.gz"


class ActionServer:
    """Answers like our actions do; `healthy = False` makes every call a 500."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.healthy = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "deflate":
                    body = zlib.decompress(body)
                call = json.loads(body)
                outer.calls.append(call)
                self._answer(outer.reply(call))

            def do_GET(self) -> None:
                self._answer({"status": "ok"})

            def _answer(self, body: dict[str, Any]) -> None:
                answer = json.dumps(body).encode()
                self.send_response(200 if outer.healthy else 500)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reply(self, call: dict[str, Any]) -> dict[str, Any]:
        name, tracker = call["next_action"], call["tracker"]
        slots, latest = tracker["slots"], tracker["latest_message"]
        events, responses = [], []
        if name == "action_answer":
            events = [{"event": "slot", "name": "turns", "value": (slots.get("turns") or 0) + 1}]
            responses = [
                {"text": "回答", "buttons": [{"title": "好", "payload": "/affirm"}], "custom": {"kind": "answer"}}
            ]
        elif name == "validate_intake_form":
            wanted = slots.get("requested_slot")
            if wanted and latest["intent"]["name"] != "start_intake":
                events = [{"event": "slot", "name": wanted, "value": latest["text"]}]
        elif name == "action_submit":
            responses = [{"text": f"已登记：{slots['what']}，{slots['where']}"}]
        else:
            responses = [{"text": name}]
        return {"events": events, "responses": responses}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class BotServer:
    """`python -m bot run` on a free port; `turn` and `call` talk to it."""

    def __init__(self, model: Path, action_url: str, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.home = home
        self._log = (home / "bot.log").open("wb")
        environment = {
            **os.environ,
            "FENGQIAO_HOME": str(home),
            "FENGQIAO_ACTION_URL": action_url,
            "FENGQIAO_TRACKER_URL": "",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--model", str(model), "--port", str(self.port)],
            cwd=ROOT, env=environment, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._wait_until_ready()

    def _wait_until_ready(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.call("GET", "ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.3)
        self.close()
        raise AssertionError((self.home / "bot.log").read_text(encoding="utf-8")[-2000:])

    def call(self, method: str, route: str, body: Any = None, prefix: str = "/webhooks/desk/") -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{prefix}{route}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def turn(self, sender: str, text: str, message_id: str, **metadata: Any) -> tuple[int, Any]:
        body = {"sender": sender, "text": text, "message_id": message_id, "metadata": metadata}
        return self.call("POST", "turn", body)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._log.close()

"""Run or train the bot: `python -m bot run --port 5005`, `python -m bot train --out var/models --fixed-name fengqiao`.

Sets Rasa's quiet switches, leaves TensorFlow out, applies our patches, then does what `rasa run` and `rasa train` do.
Run from the project root.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL_LIBRARIES": "ERROR",
}


def _prepare(config: Path) -> None:
    from bot import light

    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    warnings.showwarning = _say_nothing  # libraries reset the filters, this they leave alone
    sys.path.insert(1, str(ROOT))
    light.install(config)


def _configure_logging(name: str) -> None:
    import logging

    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    level = logging.getLevelName(name)
    configure_logging_and_warnings(log_level=level, warn_only_once=True, filter_repeated_logs=True)
    configure_structlog(level)


def _say_nothing(*_: object, **__: object) -> None:
    pass


def train(args: argparse.Namespace) -> int:
    """Train; prints the seconds it took. Exit status of `rasa train`."""
    _prepare(args.config)
    import rasa

    from bot import borrowed, patches

    _configure_logging(args.log_level)
    patches.apply()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        lent = Path(folder) / "borrowed.yml"
        borrowed.write_examples(lent)
        result = rasa.train(
            domain=str(args.domain),
            config=str(args.config),
            training_files=[str(path) for path in (*args.data, *args.also, lent)],
            output=str(args.out),
            force_training=args.force,
            fixed_model_name=args.fixed_name,
        )
    print(f"模型 {result.model} 训练用时 {time.monotonic() - began:.0f} 秒")  # noqa: T201
    return int(result.code)


def evaluate(args: argparse.Namespace) -> int:
    """What the model says of the frozen sentences, as JSON lines."""
    _prepare(BOT / "config.yml")
    from bot import evaluation, patches

    _configure_logging(args.log_level)
    patches.apply()
    evaluation.evaluate(args.model, args.data, args.out)
    return 0


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted, on the loopback interface unless told otherwise."""
    _prepare(BOT / "config.yml")
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from bot import patches

    _configure_logging(args.log_level)
    patches.apply()
    endpoints = AvailableEndpoints.read_endpoints(str(args.endpoints))
    if os.environ.get("FENGQIAO_ACTION_URL") and endpoints.action:
        endpoints.action.url = os.environ["FENGQIAO_ACTION_URL"]
    if not args.model.exists():
        print(f"没有模型：{args.model}。先运行 python -m bot train", file=sys.stderr)  # noqa: T201
        return 2
    serve_application(
        model_path=str(args.model),
        interface=args.interface,
        port=args.port,
        credentials=str(args.credentials),
        enable_api=True,
        endpoints=endpoints,
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    home = Path(os.environ.get("FENGQIAO_HOME") or ROOT / "var")
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.add_argument("--log-level", default="WARNING")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="serve a trained model")
    running.add_argument("--model", type=Path, default=home / "models")
    running.add_argument("--port", type=int, default=5005)
    running.add_argument("--interface", default="127.0.0.1")
    running.add_argument("--endpoints", type=Path, default=BOT / "endpoints.yml")
    running.add_argument("--credentials", type=Path, default=BOT / "credentials.yml")
    running.set_defaults(call=run)
    training = commands.add_parser("train", help="train a model")
    training.add_argument("--out", type=Path, default=home / "models")
    training.add_argument("--fixed-name", default=None)
    training.add_argument("--config", type=Path, default=BOT / "config.yml")
    training.add_argument("--domain", type=Path, default=BOT / "domain")
    training.add_argument(
        "--data", type=Path, nargs="+", default=[ROOT / "nlu_data" / "nlu", ROOT / "nlu_data" / "rules"]
    )
    training.add_argument("--also", type=Path, nargs="*", default=[], help="further training files")
    training.add_argument("--force", action="store_true", help="ignore Rasa's training cache")
    training.set_defaults(call=train)
    judging = commands.add_parser("evaluate", help="what a model says of labelled sentences")
    judging.add_argument("--model", type=Path, required=True)
    judging.add_argument("--data", type=Path, default=ROOT / "nlu_data" / "frozen")
    judging.add_argument("--out", type=Path, required=True)
    judging.set_defaults(call=evaluate)
    return parser


def main() -> int:
    args = _parser().parse_args()
    return int(args.call(args))


if __name__ == "__main__":
    sys.exit(main())

"""Create the two Python environments from the pinned requirements; standard library only.

usage: python3 bootstrap.py            (called by make before everything else)

`.venv` is the app's world (Python 3.11 or newer), `.venv-bot` the bot's (Python 3.10, which Rasa 3.6 needs).
An environment is laid anew only when its requirements change; a half-laid one is never taken for a whole one.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "requirements"
APP = (".venv", ("app", "dev"), ("3.12", "3.11", "3.13"))
BOT = (".venv-bot", ("bot",), ("3.10",))
HELP = {
    ".venv": "需要 Python 3.11、3.12 或 3.13：Debian/Ubuntu 上 apt install python3 python3-venv",
    ".venv-bot": "机器人（Rasa 3.6）需要 Python 3.10：可用 pyenv install 3.10，或装 python3.10 和 python3.10-venv",
}


def answers(python, version):
    """True when this interpreter really runs and is of this version (a pyenv shim may exist and still refuse)."""
    probe = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", probe], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def candidates(version):
    yield shutil.which(f"python{version}")
    if version == "%d.%d" % sys.version_info[:2]:
        yield sys.executable
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    for folder in sorted((root / "versions").glob(f"{version}.*"), reverse=True):
        yield str(folder / "bin" / "python")


def find_python(versions):
    for version in versions:
        for python in candidates(version):
            if python and answers(python, version):
                return python
    return None


def fetch_with_uv(uv, version):
    """Let uv bring an interpreter where the machine has none; None when it cannot."""
    done = subprocess.run([uv, "python", "install", version], capture_output=True, text=True)
    if done.returncode:
        return None
    found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    return found.stdout.strip() or None


def stamp_of(names, python):
    digest = hashlib.sha256(python.encode())
    for name in names:
        digest.update((REQUIREMENTS / f"{name}.txt").read_bytes())
    return digest.hexdigest()


def stop(folder):
    sys.exit(f"\n没有找到合适的 Python，无法建立 {folder}。\n{HELP[folder]}\n装好后再运行一次即可。")


def lay(folder, names, python, uv):
    """Make the environment and install exactly what the pins say, every file checked against its hash."""
    target = ROOT / folder
    stamp = target / ".requirements"
    wanted = stamp_of(names, python)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"正在建立 {folder}（第一次约需几分钟）…", flush=True)
    if not (target / "bin" / "python").exists():
        subprocess.run([python, "-m", "venv", str(target)], check=True)
    stamp.unlink(missing_ok=True)
    files = [arg for name in names for arg in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
    env = {**os.environ, "VIRTUAL_ENV": str(target)}
    command = [uv or str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--require-hashes", *files]
    subprocess.run(command, check=True, env=env)
    stamp.write_text(wanted)


def installer(python):
    """uv inside the app's environment; it reads the same pins, only faster than pip."""
    uv = ROOT / ".venv" / "bin" / "uv"
    pins = REQUIREMENTS / "uv.txt"
    if not uv.exists():
        shutil.rmtree(ROOT / ".venv", ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(ROOT / ".venv")], check=True)
        pip = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*pip, "-r", str(pins)], check=True)
    return str(uv)


def main():
    folder, names, versions = APP
    app_python = find_python(versions) or stop(folder)
    uv = installer(app_python)
    lay(folder, names, app_python, uv)
    link = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    if not (ROOT / ".venv" / "bin" / "fengqiao").exists():
        subprocess.run(link, check=True, env={**os.environ, "VIRTUAL_ENV": str(ROOT / ".venv")})
    folder, names, versions = BOT
    bot_python = find_python(versions) or fetch_with_uv(uv, versions[0]) or stop(folder)
    lay(folder, names, bot_python, uv)


if __name__ == "__main__":
    main()

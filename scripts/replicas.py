"""Several processes of Namesmith on this machine, with nginx in front of them if it is there.

Streamlit keeps a session in one process, so a room that outgrows one is several of them, and a
visitor stays with his.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from core.room_codes import prefixes

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "deploy" / "nginx" / "nginx.conf"
LOOK_SECONDS = 0.5  # between two looks at whether all are alive
STOP_SECONDS = 10.0
MOST_RESTARTS = 20  # of all processes together; more of them mean that something is wrong


def run(python: str, count: int, arguments: Sequence[str]) -> int:
    """Run so many processes until Ctrl+C or a signal, starting anew what ends; the exit code.

    Args:
        python: with everything installed.
        count: of processes.
        arguments: for `streamlit run`; the port and the address are nginx's.
    """
    options = _options(arguments)
    host, port = options.pop("server.address", "127.0.0.1"), int(options.pop("server.port", "8501"))
    ports = _free_ports(count)
    environment = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32)} | os.environ
    environment |= {"NAMESMITH_IS_REPLICA": "1"}
    commands = {f"process {i}": _server(python, p, options) for i, p in enumerate(ports, 1)}
    own = {name: {"NAMESMITH_REPLICA": f"{i}/{count}"} for i, name in enumerate(commands, 1)}
    with tempfile.TemporaryDirectory(prefix="namesmith-") as folder:
        program = nginx()
        if program is None:
            pages = ", ".join(f"http://127.0.0.1:{each}" for each in ports)
            print(f"nginx is not installed, so each has an address of its own: {pages}", flush=True)
        else:
            configure(Path(folder), f"{host}:{port}", ports)
            commands["nginx"] = [program, "-p", folder, "-c", "nginx.conf", "-g", "daemon off;"]
            print(f"{count} processes behind http://{host}:{port}", flush=True)
        return _keep(commands, {each: environment | own.get(each, {}) for each in commands})


def nginx() -> str | None:
    """The path of the program, if it is installed."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def configure(folder: Path, listen: str, ports: Sequence[int]) -> None:
    """Write what nginx needs into the folder: the project's configuration with these processes."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert "listen 8501;" in text
    (folder / "nginx.conf").write_text(
        text.replace("listen 8501;", f"listen {listen};"), encoding="utf-8"
    )
    (folder / "replicas.conf").write_text(replicas(ports), encoding="utf-8")


def replicas(ports: Sequence[int]) -> str:
    """Who the processes are, in nginx's words; see deploy/nginx/replicas.conf."""
    watched = " max_fails=1 fail_timeout=2s"
    lines = ["upstream any {", "least_conn;"]
    lines += [f"server 127.0.0.1:{port}{watched};" for port in ports]
    lines.append("}")
    for number, port in enumerate(ports, start=1):
        lines += [f"upstream process_{number} {{", f"server 127.0.0.1:{port}{watched};"]
        lines += [f"server 127.0.0.1:{other} backup;" for other in ports if other != port]
        lines.append("}")
    numbers = range(1, len(ports) + 1)
    # A room's code says whose it is; all others stay with the process of their cookie.
    lines += ["map $arg_room $room_process {", 'default "";']
    lines += [f'"~*^({"|".join(prefixes(n, len(ports)))})" {n};' for n in numbers]
    lines += ["}", 'map "$room_process $cookie_namesmith_process" $process {', "default any;"]
    lines += [f'"~^{number} " process_{number};' for number in numbers]
    lines += [f'" {number}" process_{number};' for number in numbers]
    lines += ["}", "map $upstream_addr $answered {", "default 0;"]
    lines += [
        rf'"~127\.0\.0\.1:{port}$" {number};' for number, port in zip(numbers, ports, strict=True)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _options(arguments: Sequence[str]) -> dict[str, str]:
    """`--name value` and `--name=value` by their names."""
    words = [part for word in arguments for part in word.split("=", 1)]
    names, values = words[::2], words[1::2]
    if len(words) % 2 or not all(name.startswith("--") for name in names):
        sys.exit("With --replicas every other argument is --name=value, as `streamlit run` has it.")
    return {name[2:]: value for name, value in zip(names, values, strict=True)}


def _server(python: str, port: int, options: Mapping[str, str]) -> list[str]:
    own = {"server.address": "127.0.0.1", "server.port": str(port), "server.headless": "true"}
    words = [f"--{name}={value}" for name, value in (dict(options) | own).items()]
    return [python, "-m", "scripts.serve", "run", "app.py", *words]


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:  # all at once, so that no two are the same
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _keep(commands: Mapping[str, list[str]], environments: Mapping[str, Mapping[str, str]]) -> int:
    """Run all of them until a signal comes; whatever ends by itself is started again."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    n_restarts = 0
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        for name in commands:
            running[name] = _start(name, commands[name], environments[name])
        while n_restarts <= MOST_RESTARTS:
            time.sleep(LOOK_SECONDS)
            ended = [name for name, process in running.items() if process.poll() is not None]
            for name in ended:
                print(f"{name} ended with {running[name].returncode}; it starts again", flush=True)
                running[name] = _start(name, commands[name], environments[name])
            n_restarts += len(ended)
        print("They end again and again; their own messages are above.", flush=True)
        return 1
    except KeyboardInterrupt:
        for each in (signal.SIGINT, signal.SIGTERM):  # it ends already
            signal.signal(each, signal.SIG_IGN)
        _stop(list(running.values()))
        print("\nGoodbye.", flush=True)
        return 0
    finally:
        _stop(list(running.values()))


def _start(
    name: str, command: list[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    # In a session of their own, so that Ctrl+C reaches each once, by `_stop`.
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    print(f"{name} has the id {process.pid}", flush=True)
    return process


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(timeout=max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt

"""`make bench`: drive product and ceiling in turn with wrk, and print ratios, CPU per request, latency and memory.

Times on a shared machine mean nothing alone; the ratios of one interleaved run do.
Every answer's status and size is asserted first, so that errors never look fast.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path

from bench.sitting import Visitor

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
CONNECTIONS = (1, 8, 32)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Target:
    """One address to drive: `body` makes it a POST; `smallest` is the least size of an honest answer."""

    name: str
    url: str
    cookie: str
    smallest: int
    body: str = ""
    headers: tuple[str, ...] = ()


@dataclass
class Measured:
    """Medians over the rounds."""

    name: str
    connections: int
    requests_a_second: float
    cpu_ms_a_request: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    errors: int


class Server:
    """granian with the settings of service, its processes and their CPU time."""

    def __init__(self, app: str, environment: dict[str, str]) -> None:
        self.port = free_port()
        granian = str(Path(sys.executable).with_name("granian"))
        command = [
            granian,
            "--interface",
            "wsgi",
            "--port",
            str(self.port),
            "--workers",
            "2",
            "--blocking-threads",
            "1",
        ]
        self.process = subprocess.Popen(
            [*command, "--no-ws", "--log-level", "error", app], cwd=ROOT, env={**os.environ, **environment}
        )
        wait_for(self.port)

    def pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu_seconds(self) -> float:
        total = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory_mb(self) -> float:
        kilobytes = 0
        for pid in self.pids():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kilobytes += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE).group(1))  # type: ignore[union-attr]  # always there
        return kilobytes / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _try in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def drive(wrk: str, server: Server, target: Target, connections: int, seconds: int) -> Measured:
    script = wrk_script(target)
    before, began = server.cpu_seconds(), time.monotonic()
    out = subprocess.run(
        [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, target.url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    spent, took = server.cpu_seconds() - before, time.monotonic() - began
    found = json.loads(re.search(r"^RESULT (.*)$", out, re.MULTILINE).group(1))  # type: ignore[union-attr]  # the script prints it
    rate = found["requests"] / took
    refuse_impossible(rate, found["mean"], connections)
    return Measured(
        target.name,
        connections,
        rate,
        1000 * spent / max(found["requests"], 1),
        found["p50"],
        found["p99"],
        found["max"],
        found["errors"],
    )


def refuse_impossible(rate: float, mean_ms: float, connections: int) -> None:
    """Little's law: requests under way = rate × time in the system; it can't exceed the connections by much."""
    if rate * mean_ms / 1000 > connections * 1.25:
        raise SystemExit("The figures break Little's law: something was measured wrongly.")


def wrk_script(target: Target) -> str:
    lines = [f'wrk.headers["Cookie"] = "{target.cookie}"']
    if target.body:
        lines.append('wrk.method = "POST"')
        lines += [f'wrk.headers["{h.split(": ")[0]}"] = "{h.split(": ")[1]}"' for h in target.headers]
        # Every save is a new one: the count goes on from the clock, so that rounds don't repeat each other.
        lines.append("local n = os.time() % 100000 * 10000")
        body = lua_body(target.body)
        lines.append(f"function request() n = n + 1; return wrk.format(nil, nil, nil, {body}) end")
    lines.append(
        """function done(s, l, r)
  local e = s.errors
  print(string.format('RESULT {"requests": %d, "mean": %.3f, "p50": %.3f, "p99": %.3f, "max": %.3f, "errors": %d}',
    s.requests, l.mean/1000, l:percentile(50)/1000, l:percentile(99)/1000, l.max/1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end"""
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as script:
        script.write("\n".join(lines))
        return script.name


def lua_body(body: str) -> str:
    """The body as a Lua expression, with the count in the place of %d."""
    before, counted, after = body.partition("%d")
    return f'"{before}" .. n .. "{after}"' if counted else f'"{before}"'


def assert_honest(target: Target) -> None:
    """One answer, looked at: the right status and a size that is not an error page's."""
    request = urllib.request.Request(
        target.url, data=target.body.replace("%d", "1").encode() or None, headers={"Cookie": target.cookie}
    )
    for header in target.headers:
        name, value = header.split(": ")
        request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        size = len(answer.read())
        if answer.status != 200 or size < target.smallest:
            raise SystemExit(f"{target.name} answered {answer.status} with {size} bytes.")


def ceiling_targets(server: Server) -> list[Target]:
    base = f"http://127.0.0.1:{server.port}"
    jar = CookieJar()
    urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open(f"{base}/enter").read()
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    return [
        Target("hello", f"{base}/hello", cookie, 5),
        Target("ceiling page", f"{base}/page", cookie, 10_000),
        Target("ceiling write", f"{base}/write", cookie, 2, body="n=1"),
    ]


def product_targets(server: Server, password: str) -> list[Target]:
    base = f"http://127.0.0.1:{server.port}"
    learner = Visitor(base, "learner@example.org", password)
    examinee = Visitor(base, "examinee@example.org", password)
    save = examinee.open_sitting()
    return [
        Target("lesson", base + learner.path_of_a_lesson(), learner.cookie, 10_000),
        Target("learner's home", f"{base}/learn", learner.cookie, 4_000),
        Target("answer saved", save.url, examinee.cookie, 20, body=save.body, headers=save.headers),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    wrk = shutil.which("wrk")
    if wrk is None:
        print("make bench needs wrk: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        return measure(wrk, Path(folder), options.rounds, options.seconds)


def measure(wrk: str, folder: Path, rounds: int, seconds: int) -> int:
    os.environ["BENCH_CEILING_DATABASE"] = str(folder / "ceiling.sqlite3")
    from bench import ceiling

    ceiling.prepare(folder / "ceiling.sqlite3")
    password = "measured-on-loopback"  # noqa: S105  # of a database that is thrown away
    environment = {
        "LMS_DATABASE_URL": f"sqlite:///{folder / 'product.sqlite3'}",
        "LMS_DEMO_PASSWORD": password,
        "LMS_MAIL_URL": f"file:{folder / 'outbox'}",
        "LMS_SECRET_KEY": "for measuring only, on loopback, thrown away",
    }
    subprocess.run(
        [sys.executable, "-m", "lms", "demo", "--prepare-only"], cwd=ROOT, env={**os.environ, **environment}, check=True
    )
    servers = [Server("bench.ceiling:app", {}), Server("wsgi:app", {**environment, "LMS_ENV": "demo"})]
    try:
        pairs = [(servers[0], one) for one in ceiling_targets(servers[0])]
        pairs += [(servers[1], one) for one in product_targets(servers[1], password)]
        for _server, target in pairs:
            assert_honest(target)
        taken: dict[tuple[str, int], list[Measured]] = {}
        for _round in range(rounds):
            for connections in CONNECTIONS:
                for server, target in pairs:
                    one = drive(wrk, server, target, connections, seconds)
                    taken.setdefault((one.name, connections), []).append(one)
        report([middle(many) for many in taken.values()], servers[1].memory_mb())
    finally:
        for server in servers:
            server.stop()
    return 0


def middle(many: list[Measured]) -> Measured:
    """The median of each figure over the rounds; errors are summed."""
    first = many[0]
    figures = {
        name: statistics.median(getattr(one, name) for one in many)
        for name in ("requests_a_second", "cpu_ms_a_request", "p50_ms", "p99_ms", "max_ms")
    }
    return Measured(first.name, first.connections, errors=sum(one.errors for one in many), **figures)


def report(rows: list[Measured], memory_mb: float) -> None:
    reference = {row.connections: row.requests_a_second for row in rows if row.name == "hello"}
    writes = {row.connections: row.requests_a_second for row in rows if row.name == "ceiling write"}
    print(
        f"\n{'':<16}{'conn':>5}{'req/s':>9}{'of hello':>10}{'of write':>10}{'CPU ms':>8}{'p50':>7}{'p99':>8}{'max':>8}{'errors':>8}"
    )
    for row in rows:
        of_hello = f"{100 * row.requests_a_second / reference[row.connections]:.0f} %"
        of_write = f"{100 * row.requests_a_second / writes[row.connections]:.0f} %"
        print(
            f"{row.name:<16}{row.connections:>5}{row.requests_a_second:>9.0f}{of_hello:>10}{of_write:>10}"
            f"{row.cpu_ms_a_request:>8.2f}{row.p50_ms:>7.1f}{row.p99_ms:>8.1f}{row.max_ms:>8.1f}{row.errors:>8}"
        )
    print(f"\nMemory of the product's processes after load: {memory_mb:.0f} MB PSS\n")
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.json"
    path.write_text(json.dumps({"memory_mb": round(memory_mb), "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    print(f"Written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())

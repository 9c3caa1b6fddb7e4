"""Draw what grafana-dashboard.json shows of nights whose figures were kept, without Grafana.

    python docs/monitoring/draw_dashboard.py METRICS docs/pictures/dashboard.png

METRICS: a folder with the file of each night that --metrics wrote, as benchmarks/bench_year.py keeps them.
Prometheus (Debian: apt install prometheus) evaluates each expression on loopback. What is drawn is close to
Grafana's look, and is not Grafana. Needs the extra 'train', for Matplotlib.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

DASHBOARD = Path(__file__).with_name("grafana-dashboard.json")
EVERY, DAY = 3600, 86_400  # seconds between two samples
_ENDED = re.compile(r"^screener_last_run_timestamp_seconds (\S+)$", re.MULTILINE)
Series = tuple[str, list[float], list[float]]


def main() -> None:
    metrics, out = map(Path, sys.argv[1:])
    nights = sorted(
        (float(_ENDED.findall(text)[0]), text) for text in map(Path.read_text, metrics.glob("*.prom"))
    )
    first, last = nights[0][0], nights[-1][0] + 20 * EVERY
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    with tempfile.TemporaryDirectory() as folder, prometheus(Path(folder), nights) as ask:
        shown = [
            (panel, [each for target in panel["targets"] for each in ask(target, first, last)])
            for panel in panels
        ]
    draw(shown, out, len(nights))


@contextmanager
def prometheus(folder: Path, nights: list[tuple[float, str]]) -> Iterator[Any]:
    """Let Prometheus answer on loopback from the nights' figures, each scraped until the next night came."""
    (folder / "figures.txt").write_text("".join(as_openmetrics(nights)) + "# EOF\n")
    (folder / "prometheus.yml").write_text("{}\n")
    create = [
        "promtool",
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        folder / "figures.txt",
        folder / "data",
    ]
    subprocess.run(create, check=True, capture_output=True)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = [
        f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
        "--storage.tsdb.retention.time=100y", f"--web.listen-address={address}",
        f"--query.lookback-delta={EVERY + 60}s",
    ]  # fmt: skip
    server = subprocess.Popen(["prometheus", *options], stderr=subprocess.DEVNULL)
    try:
        _ready(f"http://{address}/-/ready")
        yield lambda target, first, last: asked(f"http://{address}", target, first, last)
    finally:
        server.terminate()
        server.wait()


def as_openmetrics(nights: list[tuple[float, str]]) -> Iterator[str]:
    """Yield the figures of all nights, metric by metric, with the times at which they would be scraped."""
    by_name: dict[str, list[str]] = {}
    for place, (ended, text) in enumerate(nights):
        until = nights[place + 1][0] if place + 1 < len(nights) else ended + DAY
        for line in text.splitlines():
            if not line.startswith("#"):
                at = [f"{line} {moment:.0f}\n" for moment in range(int(ended), int(until), EVERY)]
                by_name.setdefault(re.split(r"[{ ]", line)[0], []).extend(at)
    for name, lines in by_name.items():
        yield f"# TYPE {name} gauge\n"
        yield from lines


def asked(address: str, target: dict[str, Any], first: float, last: float) -> list[Series]:
    """Return the series of an expression, named as the dashboard names them."""
    query = {"query": target["expr"], "start": first, "end": last, "step": 4 * EVERY}
    with urllib.request.urlopen(f"{address}/api/v1/query_range?{urllib.parse.urlencode(query)}") as answer:
        found = json.load(answer)["data"]["result"]
    series = []
    for each in found:
        name = re.sub(
            r"{{(\w+)}}", lambda label, of=each: of["metric"].get(label[1], ""), target["legendFormat"]
        )
        times, values = zip(*each["values"], strict=True)
        series.append((name, list(map(float, times)), list(map(float, values))))
    return series


def draw(shown: list[tuple[dict[str, Any], list[Series]]], out: Path, nights: int) -> None:
    """Draw all panels where the dashboard has them, on its grid of 24 columns."""
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel, _ in shown)
    figure = plt.figure(figsize=(13, rows * 0.36), facecolor="#f4f5f5")
    for panel, series in shown:
        place = panel["gridPos"]
        x, y = place["x"] / 24, 1 - (place["y"] + place["h"]) / rows
        box = [x + 0.03, y + 0.045, place["w"] / 24 - 0.045, place["h"] / rows - 0.085]
        axes = figure.add_axes(box, facecolor="white")
        axes.set_title(panel["title"], fontsize=9, loc="left")
        unit = panel["fieldConfig"]["defaults"].get("unit", "")
        (_stat if panel["type"] == "stat" else _course)(axes, panel, series, unit)
    by = "drawn by Matplotlib from Prometheus' answers to the dashboard's expressions, not by Grafana"
    words = f"{nights} nights; {by}"
    figure.text(0.99, 0.006, words, fontsize=7, ha="right", color="#555")
    figure.savefig(out, dpi=110)


def _stat(axes: Any, panel: dict[str, Any], series: list[Series], unit: str) -> None:
    value = series[0][2][-1] if series else None
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    colour = "white"
    for step in steps if value is not None else []:
        colour = step["color"] if step["value"] is None or value >= step["value"] else colour
    axes.set_facecolor(
        {"green": "#73bf69", "red": "#f2495c", "orange": "#ff9830", "yellow": "#fade2a"}.get(colour, "white")
    )
    texts = {
        number: text
        for each in panel["fieldConfig"]["defaults"].get("mappings", [])
        if each["type"] == "value"
        for number, text in each["options"].items()
    }
    words = "no value" if value is None else texts.get(f"{value:g}", {}).get("text", _words(value, unit))
    axes.text(0.5, 0.5, words, fontsize=17, ha="center", va="center")
    axes.set_xticks([])
    axes.set_yticks([])


def _course(axes: Any, panel: dict[str, Any], series: list[Series], unit: str) -> None:
    for name, times, values in series:
        axes.plot(
            [datetime.fromtimestamp(each, UTC) for each in times], values, linewidth=1, label=name or None
        )
    if any(name for name, _, _ in series):
        axes.legend(fontsize=6.5, loc="upper left", framealpha=0.8)
    if not series:
        axes.text(0.5, 0.5, "no data", ha="center", va="center", transform=axes.transAxes, color="#777")
    axes.yaxis.set_major_formatter(lambda value, _: _words(value, unit))
    axes.tick_params(labelsize=7)
    axes.margins(x=0.01)


def _words(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{value:.0%}"
    if unit == "bytes":
        return f"{value / 1e6:.1f} MB"
    if unit == "s":
        return f"{value / 3600:.1f} h" if value >= 3600 else f"{value:.0f} s"
    return f"{value:g}"


def _ready(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("Prometheus does not answer")


if __name__ == "__main__":
    main()

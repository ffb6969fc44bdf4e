"""Records golden.json from a real Prometheus, whose `prometheus` and `promtool` are on the PATH.

`python -m tests.simulator.prometheus.record_golden`
"""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.simulator.prometheus import promql_dataset as dataset

ADDRESS = "127.0.0.1:19095"


def openmetrics() -> str:
    """The dataset in the format that promtool turns into blocks."""
    lines = [f"{_series(labels)} {_value(value)} {moment}" for labels, moment, value in dataset.rows()]
    return "\n".join([*lines, "# EOF", ""])


def _series(labels: dict[str, str]) -> str:
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return f"{labels['__name__']}{{{inner}}}"


def _value(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else repr(value)


def ask(client: httpx.Client) -> dict[str, Any]:
    """All answers, by what was asked."""
    at = str(dataset.END - 3)
    span = {"start": str(dataset.START - 20), "end": str(dataset.END + 20), "step": "35"}
    return {
        "version": client.get("/api/v1/status/buildinfo").json()["data"]["version"],
        "instant": {q: _answer(client, "query", {"query": q, "time": at}) for q in dataset.EXPRESSIONS},
        "range": {q: _answer(client, "query_range", {"query": q, **span}) for q in dataset.RANGES},
        "refused": {
            q: _answer(client, "query_range" if q == "x[5m]" else "query", {"query": q, **span})
            for q in dataset.REFUSED
        },
    }


def _answer(client: httpx.Client, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    answer = client.get(f"/api/v1/{path}", params=parameters)
    return {"status": answer.status_code, "body": answer.json()}


def main() -> None:
    """Write golden.json beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        source, data, config = (Path(folder, name) for name in ("data.om", "data", "prometheus.yml"))
        source.write_text(openmetrics())
        config.write_text("global: {}\n")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", source, data], check=True)
        options = [f"--config.file={config}", f"--storage.tsdb.path={data}", "--storage.tsdb.retention.time=100y"]
        server = subprocess.Popen(["prometheus", *options, f"--web.listen-address={ADDRESS}", "--log.level=error"])
        try:
            transport = httpx.HTTPTransport(retries=5)
            with httpx.Client(base_url=f"http://{ADDRESS}", transport=transport) as client:
                while client.get("/-/ready").status_code != 200:
                    time.sleep(0.2)
                golden = ask(client)
        finally:
            server.terminate()
            server.wait()
    Path(__file__).with_name("golden.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

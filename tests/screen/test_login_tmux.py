"""A session with the cluster that has ended: the cockpit says how to log in, stops for it, and goes on by itself."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from screen.tmux import PROMPT, session

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


def test_log_in_meanwhile_and_go_on(tmp_path: Path, outage: Path) -> None:
    config = yaml.safe_load((outage.parent / "kubeconfig").read_text())
    token = next(each["user"]["token"] for each in config["users"] if each["name"] == "responder")
    plugin = tmp_path / "aws"
    plugin.write_text(f'#!/bin/sh\ncat {tmp_path}/given || {{ echo "Token has expired" >&2; exit 255; }}\n')
    plugin.chmod(0o755)
    asked = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}
    for user in config["users"]:
        user["user"] = {"exec": asked}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    (tmp_path / "login").write_text(json.dumps({"status": {"token": token}}))
    with session(tmp_path, (120, 40)) as tmux:
        tmux.shell("set -m")
        tmux.shell(f"PYTHONPATH={':'.join(sys.path)}; export PYTHONPATH; clear")
        where = ["--kubeconfig", str(tmp_path / "kubeconfig"), "--context", "prod-eu", "-n", "production"]
        tmux.cockpit(*where, "-l", "app=payment-service")
        tmux.sees("unauthorized", "Token has expired", "aws sso login")
        tmux.keys("C-z")
        tmux.sees("Stopped", PROMPT)
        tmux.shell("clear; mv login given; fg")
        tmux.sees("ready", "Running")
        tmux.loses("aws sso login")

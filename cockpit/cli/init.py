"""`cockpit init`: writes a first cockpit.yaml from the kubeconfig, asking little."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cockpit.cli.context import Failure, Wrong
from cockpit.config import ConfigError, KubeContext, contexts, initial_yaml, kubeconfig_files
from cockpit.runbook.library import Library


@click.command(help="Write cockpit.yaml from your kubeconfig, asking for what it cannot know.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("cockpit.yaml"))
@click.option("--kubeconfig", type=click.Path(path_type=Path), default=None, help="Else KUBECONFIG, ~/.kube/config.")
@click.option("--context", default="", help="Else it asks.")
@click.option("--namespace", "-n", default="", help="Else it asks.")
@click.option("--selector", "-l", default="", help="Else it asks.")
@click.option("--deployment", default="", help="Else it asks.")
@click.option("--prometheus", default=None, metavar="URL", help="Else it asks.")
@click.option("--runbook", default=None, help="The name of a runbook.")
@click.option("--force", is_flag=True, help="Replace the file that is there.")
def init(
    output: Path, kubeconfig: Path | None, context: str, namespace: str, selector: str, deployment: str,
    prometheus: str | None, runbook: str | None, force: bool,
) -> None:  # fmt: skip
    """Ask, then write."""
    if output.exists() and not force:
        raise Wrong(f"{output} is there already; --force replaces it, --output writes another")
    place = _chosen(kubeconfig, context)
    namespace = namespace or click.prompt("namespace", default=place.namespace or "default", err=True)
    deployment = deployment or click.prompt("deployment (the service's name)", err=True)
    selector = selector or click.prompt("selector", default=f"app={deployment}", err=True)
    if prometheus is None:
        prometheus = click.prompt("Prometheus URL (empty: none)", default="", show_default=False, err=True)
    books = [name for name in Library().names() if name != "incident-response"]
    chosen = runbook or (deployment if deployment in books else None)
    if chosen and chosen not in books:
        raise Wrong(f"there is no runbook '{chosen}'; there are {', '.join(books)}")
    file = kubeconfig.absolute() if kubeconfig else None
    text = initial_yaml(file, place.name, namespace, selector, deployment, prometheus or None, chosen)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{output}: not written, {error.strerror}; name another with --output") from None
    click.echo(f"written: {output}; `cockpit doctor` says what works, `cockpit` opens it")


def _chosen(kubeconfig: Path | None, context: str) -> KubeContext:
    """The context of that name in the kubeconfig, else the one that is picked; raises Wrong where there is none."""
    try:
        known = contexts([kubeconfig] if kubeconfig else kubeconfig_files(os.environ))
    except ConfigError as error:
        raise Wrong(str(error)) from None
    if not known:
        raise Wrong("there is no kubeconfig; name one with --kubeconfig, or set KUBECONFIG")
    by_name = {each.name: each for each in known}
    if context and context not in by_name:
        raise Wrong(f"the kubeconfig has no context '{context}'; it has {', '.join(by_name)}")
    current = next((each.name for each in known if each.current), known[0].name)
    return by_name[context or click.prompt("context", type=click.Choice(list(by_name)), default=current, err=True)]

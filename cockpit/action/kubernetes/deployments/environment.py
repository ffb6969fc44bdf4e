"""`kubectl set env`: sets and removes environment variables of a deployment's containers, and puts them back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change
from cockpit.action.kubernetes.deployments.changing import ChangesDeployment
from cockpit.action.kubernetes.deployments.containers import chosen, containers_of, operation
from cockpit.action.kubernetes.deployments.found import Found, Raw, release
from cockpit.action.kubernetes.meanwhile import conflict, making
from cockpit.action.kubernetes.reading import Heading
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts.rollout import read
from cockpit.text import MASK, safe
from cockpit.values import replace

Entries = dict[str, dict[str, Raw | None]]
"""Of each container by its name: each variable's entry as the API has it; None where it is not there."""


@dataclass(frozen=True, slots=True)
class SetEnv(ChangesDeployment):
    """Sets variables of `deployment`'s containers, which starts a rollout.

    Args:
        env: value by name; None removes the variable.
        container: the container by its name; without one all of them, as kubectl does it.
    """

    env: Mapping[str, str | None]
    container: str = ""
    heading: Heading = field(default_factory=lambda: Heading("Set the environment"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl sets variables."""
        given = [f"{one}-" if value is None else f"{one}={value}" for one, value in self.env.items()]
        only = ["-c", self.container] if self.container else []
        return "set", "env", name, *only, *given

    async def decide(self, access: Access, found: Found) -> Change:
        """The variables, in the containers that are meant."""
        entries = {name: None if value is None else {"name": name, "value": value} for name, value in self.env.items()}
        names = chosen(found, [self.container] if self.container else ["*"])
        change = _change(found, {container: dict(entries) for container in names})
        if MASK not in (change.prior or {}).values():
            return change
        rollout = await read(access, self.namespace, self.deployment)
        current = next((one.revision_hash for one in rollout.revisions if one.current), "")
        return replace(change, prior={**(change.prior or {}), "template": current})


@dataclass(frozen=True, slots=True)
class RestoreEnv(ChangesDeployment):
    """Puts variables of `deployment`'s containers back to what they were, which starts a rollout.

    Args:
        entries: what they were.
        secret: the variables whose values were not kept, by container; they are read from the earlier template.
        template: that template's hash, as the replica set that still holds it is labelled.
        made: what the run which this undoes had made of them, as the record keeps it: another entry is somebody else's.
    """

    entries: Mapping[str, Mapping[str, Raw | None]]
    secret: Mapping[str, tuple[str, ...]]
    template: str
    made: Mapping[str, str] = field(default_factory=dict)
    heading: Heading = field(default_factory=lambda: Heading("Undo: Set the environment"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl sets variables; a value that was not kept is masked."""
        told = [_told(entry, one) for some in self.entries.values() for one, entry in some.items()]
        told += [f"{one}={MASK}" for some in self.secret.values() for one in some]
        return "set", "env", name, *dict.fromkeys(told)

    async def decide(self, access: Access, found: Found) -> Change:
        """The variables as they were; what was not kept comes from the earlier template."""
        entries: Entries = {container: dict(some) for container, some in self.entries.items()}
        if self.secret:
            earlier = await self._earlier(access)
            for container, names in self.secret.items():
                had = _entries(earlier.get(container, {}))
                entries.setdefault(container, {}).update({name: had.get(name) for name in names})
        change = _change(found, {name: entries[name] for name in chosen(found, list(entries))})
        return replace(change, refusals=(*change.refusals, *self._changed_since(found, entries)))

    def _changed_since(self, found: Found, wanted: Entries) -> Iterator[str]:
        """A refusal for each variable that is neither as the run left it nor as it was before."""
        containers = containers_of(found.template)
        for container, some in wanted.items():
            had = _entries(containers[container])
            for name, entry in some.items():
                made, now = self.made.get(f"{container}.{name}"), _kept(name, had.get(name))
                if made not in (None, now) and MASK not in (made, now) and had.get(name) != entry:
                    yield conflict(f"{name} of {container}")

    async def _earlier(self, access: Access) -> dict[str, Raw]:
        """The containers of the template that was left. Raises KubeError when no replica set holds it any more."""
        rollout = await read(access, self.namespace, self.deployment)
        for revision in rollout.revisions:
            if self.template and revision.revision_hash == self.template:
                return containers_of(revision.template)
        secret = ", ".join(name for some in self.secret.values() for name in some)
        message = f"the earlier values of {secret} were not kept, and no replica set holds them any more"
        raise KubeError("not-found", message, "set them by hand")


def captured(prior: Mapping[str, str]) -> tuple[Entries, dict[str, tuple[str, ...]]]:
    """The entries and the names of secret ones that `prior` of a run of SetEnv tells."""
    entries: Entries = {}
    secret: dict[str, tuple[str, ...]] = {}
    for key, value in prior.items():
        kind, _, rest = key.partition(".")
        container, _, name = rest.partition(".")
        if kind != "env":
            continue
        if value == MASK:
            secret[container] = (*secret.get(container, ()), name)
        else:
            entries.setdefault(container, {})[name] = json.loads(value)
    return entries, secret


def _change(found: Found, wanted: Entries) -> Change:
    """The change that gives the containers those entries."""
    containers = containers_of(found.template)
    patch, prior, names = [], {"verb": "set-env"}, list[str]()
    for container, entries in wanted.items():
        had = _entries(containers[container])
        moved = {name: entry for name, entry in entries.items() if had.get(name) != entry}
        if not moved:
            continue
        patch.append(operation(found, container, "env", _merged(containers[container].get("env") or [], moved)))
        prior |= {f"env.{container}.{name}": _kept(name, had.get(name)) for name in moved}
        prior |= making({f"{container}.{name}": _kept(name, entry) for name, entry in moved.items()})
        names += [name for name in moved if name not in names]
    said = ", ".join(names)
    return Change(
        matter="template",
        patch=patch,
        done=f"deployment.apps/{found.row.name} env updated",
        before=found.release,
        after=f"{release(found.row.revision + 1, found.row.image)} with another {said}" if names else found.release,
        refusals=() if patch else (f"deployment/{found.row.name} has these values already",),
        undo=f"put {said} back" if names else "",
        prior=prior if names else None,
    )


def _entries(container: Mapping[str, object]) -> dict[str, Raw]:
    items = container.get("env")
    return {str(item.get("name")): item for item in items} if isinstance(items, list) else {}


def _merged(had: Iterable[Raw], moved: Mapping[str, Raw | None]) -> list[Raw]:
    """The list with the entries in place of those of the same name; new ones at the end."""
    rest = dict(moved)
    merged = [rest.pop(str(item.get("name"))) if item.get("name") in rest else item for item in had]
    return [entry for entry in (*merged, *rest.values()) if entry is not None]


def _kept(name: str, entry: Raw | None) -> str:
    """What the record keeps of an entry: a mask in place of what looks like a secret."""
    text = json.dumps(entry)
    value = str((entry or {}).get("value", ""))
    return text if safe(text) == text and safe(f'{name}="{value}"') == f'{name}="{value}"' else MASK


def _told(entry: Raw | None, name: str) -> str:
    """The argument with which kubectl sets an entry."""
    if entry is None:
        return f"{name}-"
    return f"{name}={entry['value']}" if "value" in entry else f"{name}={json.dumps(entry.get('valueFrom', ''))}"

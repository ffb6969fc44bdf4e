"""`kubectl edit configmap`: sets and removes keys, shows from what to what, and puts them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.meanwhile import conflict, making
from cockpit.action.kubernetes.order import NOT_ASKED, Order, reverted
from cockpit.action.kubernetes.patching import Patching, Raw, dry_run
from cockpit.action.kubernetes.reading import Heading, request_line
from cockpit.action.live import Live
from cockpit.action.model import Plan, Situation, Verdict
from cockpit.kube.access import Access
from cockpit.kube.around.configmap import ConfigMap, config_map_path, data_difference, read_config_map, secret
from cockpit.kube.errors import KubeError
from cockpit.values import replace

_LONGEST_COMMAND = 2_000
"""Characters of a patch that a command shows."""
_READ_AGAIN = "pods see it when they start, in mounted files within about a minute: restart what reads it only once"


@dataclass(frozen=True, slots=True)
class ConfigMapEdit:
    """Keys to set and to remove, bound to the config map that the preview saw."""

    namespace: str
    before: ConfigMap
    data: Mapping[str, str] = field(repr=False)
    removed: tuple[str, ...] = ()
    noun: str = "config map"

    @property
    def path(self) -> str:
        """Where the patch goes."""
        return config_map_path(self.namespace, self.before.name)

    @property
    def done(self) -> list[str]:
        """The line that says so."""
        return [f"configmap/{self.before.name} edited"]

    async def look(self, access: Access) -> ConfigMap:
        """The config map as it is now. Raises KubeError."""
        return await read_config_map(access, self.namespace, self.before.name)

    def version(self, seen: ConfigMap) -> str:
        """Its resourceVersion."""
        return seen.version

    def changed(self, seen: ConfigMap) -> str:
        """Which of the keys that it is about somebody else changed since the preview."""
        if seen.uid != self.before.uid:
            return f"config map {seen.name} was deleted and made anew since the preview"
        keys = [key for key in self.keys if seen.data.get(key) != self.before.data.get(key)]
        return f"{', '.join(keys)} of config map {seen.name} was changed since the preview" if keys else ""

    def arrived(self, seen: ConfigMap) -> bool:
        """Whether the keys are as wanted."""
        return all(seen.data.get(key) == self.data.get(key) for key in self.keys)

    def operations(self, seen: ConfigMap) -> list[Raw]:
        """The patch of just these keys."""
        made: list[Raw] = [] if seen.has_data else [{"op": "add", "path": "/data", "value": {}}]
        made += [{"op": "add", "path": _pointer(key), "value": value} for key, value in self.data.items()]
        return made + [{"op": "remove", "path": _pointer(key)} for key in self.removed if key in seen.data]

    @property
    def keys(self) -> tuple[str, ...]:
        """What it sets and removes."""
        return (*self.data, *self.removed)


@dataclass(frozen=True, slots=True)
class EditConfigMap:
    """Sets keys of the config map `name`, and takes `removed` ones away; other keys are left alone.

    Args:
        seen: the config map on which an editor was opened: when somebody changed one of the keys since, it is refused.
        undo_of: the run that this undoes.
        made: what that run had made of the keys, as the record keeps it: another value is somebody else's.
    """

    name: str
    namespace: str
    data: Mapping[str, str] = field(default_factory=dict, repr=False)
    removed: tuple[str, ...] = ()
    seen: ConfigMap | None = None
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Edit the config map"))
    made: Mapping[str, str] = field(default_factory=dict)

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, compare, dry-run; whatever stands against it is a refusal."""
        object = f"configmap/{self.name}"
        order = Order(
            self.heading,
            self.namespace,
            object,
            self._arguments(),
            undo_of=self.undo_of,
            mitigates=self.mitigates,
        )
        plan = order.plan(access, situation)
        try:
            denied = await order.denied(access, "patch", "", "configmaps", self.name)
            found = await read_config_map(access, self.namespace, self.name)
            edit = self._edit(found)
            plan = _described(plan, edit)
            if refusals := (*denied, *self._obstacles(edit)):
                return replace(plan, refusals=refusals, dry_run=NOT_ASKED)
            return await self._tried(plan, access, edit)
        except KubeError as error:
            return replace(plan, refusals=(*plan.refusals, str(error)))

    def _arguments(self) -> tuple[str, ...]:
        """kubectl's arguments for the same; of a large edit only that it is one."""
        values = {**self.data, **dict.fromkeys(self.removed)}
        patch = json.dumps({"data": values}, ensure_ascii=False)
        if len(patch) > _LONGEST_COMMAND:
            return ("edit", f"configmap/{self.name}")
        return ("patch", f"configmap/{self.name}", "--type=merge", "-p", patch)

    def _edit(self, found: ConfigMap) -> ConfigMapEdit:
        """What is left to do on the config map as it was found."""
        data = {key: value for key, value in self.data.items() if found.data.get(key) != value}
        return ConfigMapEdit(self.namespace, found, data, tuple(key for key in self.removed if key in found.data))

    def _obstacles(self, edit: ConfigMapEdit) -> tuple[str, ...]:
        found, refusals = edit.before, list[str]()
        if self.seen and (changed := replace(edit, before=self.seen, data=self.data).changed(found)):
            return (f"conflict: {changed}: look at it again, then edit anew",)
        since = [key for key in edit.keys if key in self.made and self.made[key] != _value(found.data.get(key))]
        if since:
            return (conflict(f"{', '.join(since)} of config map {found.name}"),)
        if found.immutable:
            refusals.append(f"config map {found.name} is immutable: make another under a new name")
        if binary := [key for key in self.data if key in found.binary]:
            refusals.append(f"{', '.join(binary)} of config map {found.name} is binary, which is not edited as text")
        if not edit.data and not edit.removed:
            refusals.append(f"config map {found.name} has these values already")
        return tuple(refusals)

    async def _tried(self, plan: Plan, access: Access, edit: ConfigMapEdit) -> Plan:
        """The plan with the server's verdict on the same request."""
        try:
            tried = await dry_run(access, edit, edit.before)
        except KubeError as error:
            return replace(plan, refusals=(f"the dry run was refused: {error}",), dry_run="refused")
        edit = replace(edit, before=tried.seen)

        async def verify(live: Live, timeout: float) -> Verdict:
            try:
                seen = await edit.look(access)
            except KubeError as error:
                return Verdict("unknown", (str(error),))
            if edit.arrived(seen):
                return Verdict("verified", (f"config map {seen.name} has the new values",))
            return Verdict("failed", (f"config map {seen.name} was changed meanwhile",))

        return replace(plan, execution=Patching(access, edit, verify), dry_run="accepted by the server")


def restoring(prior: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What undoes an edit, from its captured state: the keys to set, and those to take away."""
    data = {key.removeprefix("data."): value for key, value in prior.items() if key.startswith("data.")}
    return data, tuple(key.removeprefix("absent.") for key in prior if key.startswith("absent."))


def _described(plan: Plan, edit: ConfigMapEdit) -> Plan:
    """The plan with what, where, and from what to what."""
    found, keys = edit.before, (*edit.data, *edit.removed)
    wanted = {key: value for key, value in {**found.data, **edit.data}.items() if key not in edit.removed}
    kept = not any(secret(key, found.data[key]) for key in keys if key in found.data)
    prior = {"verb": "edit-config-map"}
    prior |= {f"data.{key}": found.data[key] for key in keys if key in found.data}
    prior |= {f"absent.{key}": "" for key in keys if key not in found.data}
    prior |= making({key: _value(edit.data.get(key)) for key in keys if not secret(key, edit.data.get(key, ""))})
    operations = "; ".join(f"{one['op']} {one['path']}" for one in edit.operations(found))
    return replace(
        plan,
        request=f"{request_line('PATCH', edit.path)} (JSON Patch: test /metadata/resourceVersion; {operations})",
        before=f"{len(found.data)} keys",
        after=f"{len(wanted)} keys, of which {', '.join(keys) or 'none'} changed",
        change=data_difference(found.data, wanted),
        warnings=(_READ_AGAIN, *reverted(found.gitops, "config map")),
        undo=f"put {', '.join(keys)} back" if kept else "not offered: an old value looks like a secret and is not kept",
        prior=prior if kept else None,
    )


def _value(value: str | None) -> str:
    """A key's value, or that it is not there, as one text."""
    return json.dumps(value, ensure_ascii=False)


def _pointer(key: str) -> str:
    """Where a key stands (RFC 6901)."""
    return "/data/" + key.replace("~", "~0").replace("/", "~1")

"""`kubectl set image`: other images for a deployment's containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change, change_deployment
from cockpit.action.kubernetes.deployments.containers import chosen, containers_of, operation
from cockpit.action.kubernetes.deployments.found import Found, release
from cockpit.action.kubernetes.meanwhile import conflict, making
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Plan, Situation
from cockpit.kube.access import Access
from cockpit.kube.rowparts import tag


@dataclass(frozen=True, slots=True)
class SetImage:
    """Sets images of `deployment`'s containers, which starts a rollout.

    Args:
        images: image by container; `*` stands for all containers that do not only initialise.
        undo_of: the run that this undoes.
        made: the images that that run had set: another image is somebody else's.
    """

    deployment: str
    namespace: str
    images: Mapping[str, str]
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Set the image"))
    made: Mapping[str, str] = field(default_factory=dict)

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, dry-run and compare; whatever stands against it is a refusal."""
        given = [f"{container}={image}" for container, image in self.images.items()]
        name = f"deployment/{self.deployment}"
        order = Order(
            self.heading,
            self.namespace,
            name,
            ("set", "image", name, *given),
            undo_of=self.undo_of,
            mitigates=self.mitigates,
        )
        return await change_deployment(order, self.deployment, access, situation, self._decide)

    async def _decide(self, access: Access, found: Found) -> Change:
        containers, row = containers_of(found.template), found.row
        wanted = {name: image for asked, image in self.images.items() for name in chosen(found, [asked])}
        had = {name: str(containers[name].get("image", "")) for name in wanted}
        moved = {name: image for name, image in wanted.items() if had[name] != image}
        first = next(iter(moved), "")
        refusals = tuple(
            conflict(f"the image of {name}", had[name], self.made[name])
            for name in moved
            if self.made.get(name, had[name]) != had[name]
        )
        return Change(
            matter="template",
            patch=[operation(found, name, "image", image) for name, image in moved.items()],
            done=f"deployment.apps/{row.name} image updated",
            before=found.release,
            after=release(row.revision + 1, tag(moved[first])) if moved else found.release,
            refusals=refusals if moved else (f"deployment/{row.name} has this image already",),
            undo="set " + ", ".join(f"{name} to {tag(had[name])}" for name in moved),
            prior={"verb": "set-image", **{f"image.{name}": had[name] for name in moved}, **making(moved)},
        )

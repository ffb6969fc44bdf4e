"""`kubectl set image`: other images for a deployment's containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change
from cockpit.action.kubernetes.deployments.changing import ChangesDeployment
from cockpit.action.kubernetes.deployments.containers import chosen, containers_of, operation
from cockpit.action.kubernetes.deployments.found import Found, release
from cockpit.action.kubernetes.meanwhile import conflict, making
from cockpit.action.kubernetes.reading import Heading
from cockpit.kube.access import Access
from cockpit.kube.rowparts import tag


@dataclass(frozen=True, slots=True)
class SetImage(ChangesDeployment):
    """Sets images of `deployment`'s containers, which starts a rollout.

    Args:
        images: image by container; `*` stands for all containers that do not only initialise.
        made: the images that the run which this undoes had set: another image is somebody else's.
    """

    images: Mapping[str, str]
    made: Mapping[str, str] = field(default_factory=dict)
    heading: Heading = field(default_factory=lambda: Heading("Set the image"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl sets images."""
        return "set", "image", name, *(f"{container}={image}" for container, image in self.images.items())

    async def decide(self, access: Access, found: Found) -> Change:
        """The containers with those images."""
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

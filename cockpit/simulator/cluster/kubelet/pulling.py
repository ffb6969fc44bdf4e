"""How a kubelet gets the image of a container: it is there, it is pulled, or the pull fails and is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cockpit.simulator.cluster.kubelet.containers import FIRST_BACKOFF, MOST_BACKOFF, Container
from cockpit.simulator.cluster.kubelet.hostedpod import HostedPod

if TYPE_CHECKING:
    from cockpit.simulator.cluster.kubelet.kubelet import Kubelet


class Pulling:
    """Gets the images of one pod's containers.

    Args:
        then: called with each container whose image is there.
    """

    def __init__(self, kubelet: Kubelet, pod: HostedPod, then: Callable[[Container], None]) -> None:
        self._images = kubelet.images
        self._timeline = kubelet.timeline
        self._pod = pod
        self._then = then

    def pull(self, container: Container) -> None:
        """Go on with a container as soon as its image is there."""
        pod, image = self._pod.record(), container.image
        if pod is None or self._pod.stopping:
            return
        exists = self._images.program(image) is not None
        always = container.spec.get("imagePullPolicy") == "Always"
        if exists and not always and self._images.present(self._pod.node, image):
            text = f'Container image "{image}" already present on machine and can be accessed by the pod'
            self._pod.say(pod, "Normal", "Pulled", text, container)
            self._then(container)
            return
        self._pod.say(pod, "Normal", "Pulling", f'Pulling image "{image}"', container)
        if not exists:
            self._pod.after(self._timeline.jitter(0.4, 1.0), self._failed, container)
        else:
            takes = self._timeline.jitter(0.6, 2.4)
            self._pod.after(takes, self._pulled, container, takes)

    def _pulled(self, container: Container, took: float) -> None:
        pod, image = self._pod.record(), container.image
        if pod is None:
            return
        self._images.pulled(self._pod.node, image)
        shown = f"{took:.3f}s"
        size = self._images.size(image)
        text = f'Successfully pulled image "{image}" in {shown} ({shown} including waiting). Image size: {size} bytes.'
        self._pod.say(pod, "Normal", "Pulled", text, container)
        self._then(container)

    def _failed(self, container: Container) -> None:
        pod, image = self._pod.record(), container.image
        if pod is None:
            return
        why = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        text = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {why}'
        self._pod.say(pod, "Warning", "Failed", text, container)
        self._pod.say(pod, "Warning", "Failed", "Error: ErrImagePull", container)
        container.wait("ErrImagePull", f"rpc error: code = NotFound desc = {why}")
        self._pod.write()
        container.pull_backoff = min(MOST_BACKOFF, container.pull_backoff * 2 or FIRST_BACKOFF)
        self._pod.after(1.0, self._back_off, container, why)
        self._pod.after(container.pull_backoff, self.pull, container)

    def _back_off(self, container: Container, why: str) -> None:
        pod = self._pod.record()
        if pod is None:
            return
        text = f'Back-off pulling image "{container.image}"'
        self._pod.say(pod, "Normal", "BackOff", text, container)
        self._pod.say(pod, "Warning", "Failed", "Error: ImagePullBackOff", container)
        container.wait("ImagePullBackOff", f"{text}: ErrImagePull: rpc error: code = NotFound desc = {why}")
        self._pod.write()

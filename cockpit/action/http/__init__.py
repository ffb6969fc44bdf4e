"""An HTTP request as a step: from this machine, through the API server's proxy, or from inside a pod."""

from cockpit.action.http.in_pod import InPod
from cockpit.action.http.request import Http

__all__ = ["Http", "InPod"]

"""The API's errors: what went wrong, as the `Status` object that a Kubernetes API server answers with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cockpit.simulator.cluster.resources import Resource

Obj = dict[str, Any]


class Cause(NamedTuple):
    """One field that validation refuses."""

    reason: str
    message: str
    field: str


class ApiError(Exception):
    """A request that the API server refuses.

    Attributes:
        code: the HTTP status.
        reason: Kubernetes' word for it (`NotFound`, `Conflict`, ...).
        message: the sentence for people.
        details: what it is about, or None where a real server leaves it out.
        metadata: the Status' list metadata (an expired list answers with a new continue token).
    """

    def __init__(
        self, code: int, reason: str, message: str, details: Obj | None = None, metadata: Obj | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata = metadata or {}

    def body(self) -> Obj:
        """The Status object."""
        body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body


def details(resource: Resource, name: str | None, kind: str | None = None) -> Obj:
    """A Status' details in the server's order; an empty name or group is left out."""
    found: Obj = {"name": name, "group": resource.group, "kind": kind or resource.plural}
    return {key: value for key, value in found.items() if value}


def bad_request(message: str) -> ApiError:
    """400: the request cannot be understood."""
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    """401: nobody we know."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def not_found(resource: Resource, name: str) -> ApiError:
    """404: no such object."""
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', details(resource, name))


def no_such_resource() -> ApiError:
    """404: the group is served, this resource in it is not."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> ApiError:
    """405: the resource does not know this verb."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def not_acceptable(accepted: str) -> ApiError:
    """406: none of the media types that the client takes."""
    return ApiError(406, "NotAcceptable", f"only the following media types are accepted: {accepted}")


def already_exists(resource: Resource, name: str) -> ApiError:
    """409: an object of this name is there."""
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', details(resource, name))


def conflict(resource: Resource, name: str, why: str | None = None) -> ApiError:
    """409: somebody was faster."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, details(resource, name))


def expired(message: str, metadata: Obj | None = None) -> ApiError:
    """410: the history that the client asks for is compacted."""
    return ApiError(410, "Expired", message, metadata=metadata)


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415: a body in a form that is not taken here."""
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return ApiError(415, "UnsupportedMediaType", message)


def rejected_patch() -> ApiError:
    """422: a JSON patch that does not apply, a failed `test` among them; the server says no more than this."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """422: the object would break a rule of its kind."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    said = [f"{cause.field}: {cause.message}" for cause in causes]
    text = said[0] if len(said) == 1 else "[" + ", ".join(said) + "]"
    about = details(resource, name, resource.kind)
    about["causes"] = [cause._asdict() for cause in causes]
    return ApiError(422, "Invalid", f'{kind} "{name}" is invalid: {text}', about)

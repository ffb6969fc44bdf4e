"""The HTTP API: https://prometheus.io/docs/prometheus/2.42/querying/api/ for what a reader of metrics asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import MultiDict
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cockpit.simulator.prometheus import answers
from cockpit.simulator.prometheus.errors import ExecutionError, ParseError
from cockpit.simulator.prometheus.evaluate import Evaluation
from cockpit.simulator.prometheus.labels import Matcher
from cockpit.simulator.prometheus.numbers import instant, span
from cockpit.simulator.prometheus.parser import parse
from cockpit.simulator.prometheus.rules import RuleGroup
from cockpit.simulator.prometheus.scrape import Metadata, Scraper
from cockpit.simulator.prometheus.storage import Storage
from cockpit.simulator.prometheus.syntax import Expression, Selector

_MOST_POINTS = 11_000
_BUILD = {
    "version": "2.42.0",
    "revision": "simulator",
    "branch": "simulator",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "",
}
Parameters = MultiDict
Read = Callable[[MultiDict], Response | Awaitable[Response]]


class BadParameterError(ValueError):
    """A parameter of the request is wrong; the message is the API's."""


class Api:
    """Answers from a storage, the scraper's targets, the rules and the metadata; `now` is in milliseconds."""

    def __init__(
        self,
        storage: Storage,
        scraper: Scraper,
        rules: RuleGroup,
        metadata: Mapping[str, Metadata],
        now: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._scraper = scraper
        self._rules = rules
        self._metadata = metadata
        self._now = now

    def app(self) -> Starlette:
        """The web application."""
        reads: dict[str, Read] = {
            "/api/v1/query": self._query,
            "/api/v1/query_range": self._query_range,
            "/api/v1/series": self._series,
            "/api/v1/labels": self._labels,
            "/api/v1/alerts": self._alerts,
            "/api/v1/rules": self._rule_groups,
            "/api/v1/targets": self._targets,
            "/api/v1/metadata": self._described,
            "/api/v1/status/buildinfo": lambda _: answers.success(_BUILD),
            "/-/ready": lambda _: PlainTextResponse("Prometheus Server is Ready.\n"),
            "/-/healthy": lambda _: PlainTextResponse("Prometheus Server is Healthy.\n"),
        }
        posted = ("query", "query_range", "series", "labels")
        routes = [
            Route(path, _endpoint(read), methods=["GET", "POST"] if path.endswith(posted) else ["GET"])
            for path, read in reads.items()
        ]
        return Starlette(routes=[*routes, Route("/api/v1/label/{name}/values", self._label_values)])

    def _query(self, parameters: Parameters) -> Response:
        time = _time(parameters, "time", self._now())
        expression = _expression(parameters)
        return answers.success(answers.result(expression.type, Evaluation(self._storage, expression).at(time), time))

    async def _query_range(self, parameters: Parameters) -> Response:
        start, end = _time(parameters, "start"), _time(parameters, "end")
        if end < start:
            raise _bad("end", "end timestamp must not be before start time")
        step = _step(parameters)
        if (end - start) // step > _MOST_POINTS:
            raise BadParameterError(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        expression = _expression(parameters)
        if expression.type not in ("scalar", "instant vector"):
            raise BadParameterError(
                f'invalid expression type "{expression.type}" for range query, must be Scalar or instant Vector'
            )
        evaluation = Evaluation(self._storage, expression)
        return answers.success(answers.matrix(await evaluation.over(start, end, step, _timeout(parameters))))

    def _series(self, parameters: Parameters) -> Response:
        selectors = _selectors(parameters)
        if not selectors:
            raise BadParameterError("no match[] parameter provided")
        return answers.success([dict(metric) for metric in self._storage.seen(*self._period(parameters), selectors)])

    def _labels(self, parameters: Parameters) -> Response:
        seen = self._storage.seen(*self._period(parameters), _selectors(parameters))
        return answers.success(sorted({name for metric in seen for name, _ in metric}))

    async def _label_values(self, request: Request) -> Response:
        wanted = request.path_params["name"]

        def read(parameters: Parameters) -> Response:
            seen = self._storage.seen(*self._period(parameters), _selectors(parameters))
            return answers.success(sorted({value for metric in seen for name, value in metric if name == wanted}))

        return await _endpoint(read)(request)

    def _period(self, parameters: Parameters) -> tuple[int, int]:
        return _time(parameters, "start", 0), _time(parameters, "end", self._now())

    def _alerts(self, _: Parameters) -> Response:
        return answers.success({"alerts": [a for rule in self._rules.rules for a in rule.described_alerts()]})

    def _rule_groups(self, parameters: Parameters) -> Response:
        groups = [self._rules.described()] if parameters.get("type") != "record" else []
        return answers.success({"groups": groups})

    def _targets(self, parameters: Parameters) -> Response:
        active = self._scraper.described() if parameters.get("state") != "dropped" else []
        return answers.success({"activeTargets": active, "droppedTargets": []})

    def _described(self, parameters: Parameters) -> Response:
        wanted = parameters.get("metric")
        return answers.success(
            {
                name: [{"type": metric.type, "help": metric.help, "unit": ""}]
                for name, metric in self._metadata.items()
                if wanted in (None, "", name)
            }
        )


def _endpoint(read: Read) -> Callable[[Request], Awaitable[Response]]:
    """Parameters from the query and the form, and what goes wrong as the API's errors."""

    async def answer(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        if request.method == "POST":
            pairs += parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
        try:
            found = read(Parameters(pairs))
            return found if isinstance(found, Response) else await found
        except BadParameterError as error:
            return answers.bad_data(str(error))
        except ExecutionError as error:
            return answers.failure(422, "execution", str(error))
        except TimeoutError:
            return answers.failure(503, "timeout", "query timed out in expression evaluation")

    return answer


def _bad(name: str, why: object) -> BadParameterError:
    return BadParameterError(f'invalid parameter "{name}": {why}')


def _expression(parameters: Parameters) -> Expression:
    try:
        return parse(parameters.get("query", ""))
    except ParseError as error:
        raise _bad("query", error) from None


def _selectors(parameters: Parameters) -> list[tuple[Matcher, ...]]:
    found = []
    for text in parameters.getlist("match[]"):
        try:
            selector = parse(text)
        except ParseError as error:
            raise _bad("match[]", error) from None
        if not isinstance(selector, Selector) or selector.window is not None:
            raise _bad("match[]", "1:1: parse error: a vector selector is needed here")
        found.append(selector.matchers)
    return found


def _time(parameters: Parameters, name: str, default: int | None = None) -> int:
    text = parameters.get(name, "")
    if not text and default is not None:
        return default
    try:
        return instant(text)
    except ValueError as error:
        # the query's own time is the one parameter whose message names it twice
        raise _bad(name, f"Invalid time value for '{name}': {error}" if name == "time" else error) from None


def _timeout(parameters: Parameters) -> float:
    """Seconds that a query may take."""
    try:
        return span(parameters.get("timeout") or "2m") / 1000
    except ValueError as error:
        raise _bad("timeout", error) from None


def _step(parameters: Parameters) -> int:
    try:
        step = span(parameters.get("step", ""))
    except ValueError as error:
        raise _bad("step", error) from None
    if step <= 0:
        raise _bad("step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
    return step

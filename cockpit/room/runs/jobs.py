"""What can be run here: steps of the runbook, and the reading that keys start; each becomes an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field

from cockpit.action.catalog import action_of
from cockpit.action.http import InPod
from cockpit.action.kubernetes.deployments.history import History
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.logs.logs import Logs
from cockpit.action.kubernetes.objects.describe import DescribePod
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.kubernetes.undo import undo_of
from cockpit.action.means import Means
from cockpit.action.model import Action, Plan, Situation, needs_cluster
from cockpit.action.ports import BoardView, NoBoard, Silencer, Teller
from cockpit.action.silence import VERB, Expire, Silence
from cockpit.config import Config, ServiceKubernetes
from cockpit.incident.kinds import Target
from cockpit.incident.state import Run, State
from cockpit.kube.access import Access
from cockpit.room.live.databases import ending
from cockpit.room.live.silencing import Wanted
from cockpit.room.requests import Refusal
from cockpit.room.runs.needs import Known, Need, missing, resolved, unknown_names, values_of
from cockpit.runbook import fill
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Runbook, Step
from cockpit.values import replace

LOG_LINES = 500
"""How many lines `l` reads."""
LONGEST_TITLE = 80
"""Characters of the title of a silence."""
NO_CLUSTER = "no cluster is configured for this service; see `cockpit init`"


class Job(Struct, frozen=True):
    """Something that can be run: how it is called, the action behind it, and the runbook's step that it is."""

    title: str
    action: Action
    step: str = ""


class Ground(Struct, frozen=True):
    """Where jobs are done: the present incident's place, and what the house has.

    Args:
        target: where the incident is pinned; None without a cluster.
        service: the service's name in the configuration.
        environ: where secret parameters are found.
        board: the signals.
        spool: the folder for output that is larger than the record takes.
        teller: how a step tells an audience.
        kubeconfig: the $KUBECONFIG of programs, pinned to the target.
        in_pod: where requests are sent from that only a pod of the service can send.
        silencer: the service's Alertmanager; None where none is configured.
        now: the time at which it is asked.
    """

    runbook: Runbook | None
    target: Target | None
    service: str
    config: Config
    state: State
    environ: Mapping[str, str] = field(default_factory=dict)
    board: BoardView = field(default_factory=NoBoard)
    spool: Path | None = None
    teller: Teller | None = None
    kubeconfig: Path | None = None
    in_pod: InPod | None = None
    silencer: Silencer | None = None
    now: datetime | None = None

    @property
    def place(self) -> Target:
        """The target; raises Refusal when there is none."""
        if self.target is None:
            raise Refusal(NO_CLUSTER)
        return self.target


class Jobs:
    """Makes jobs on the ground as it is when they are asked for."""

    def __init__(self, ground: Callable[[], Ground]) -> None:
        self._ground = ground

    def needs(self, step: str, pod: str = "", given: Mapping[str, str] | None = None) -> list[Need]:
        """What a step must be told, with what is known of it; raises Refusal when there is no such step."""
        ground = self._ground()
        return resolved(_step(ground, step), _book(ground), _known(ground, pod, given or {}))

    def step(self, step: str, pod: str = "", given: Mapping[str, str] | None = None) -> Job:
        """A step of the runbook, filled from the place, the selected pod and what was given.

        Raises:
            Refusal: there is no such step, it is done by hand, or it lacks a value.
        """
        ground, given = self._ground(), given or {}
        found, book = _step(ground, step), _book(ground)
        if found.action is None:
            command = f": {found.command}" if found.command else ""
            raise Refusal(f"'{found.title}' is done by hand{command}; `incident done {found.id}` records it")
        if unknown := unknown_names(found, book, given):
            names = ", ".join(need.parameter.name for need in self.needs(step, pod)) or "none"
            raise Refusal(f"'{found.title}' takes no value `{unknown[0]}`; it takes {names}")
        needs = self.needs(step, pod, given)
        if lacking := missing(needs):
            raise Refusal(f"'{found.title}' cannot run yet: {lacking}")
        means = _means(ground, found, book).knowing(values_of(needs), book.parameters_of(found))
        try:
            return Job(found.title, action_of(found, means), found.id)
        except RunbookError as error:
            raise Refusal(str(error)) from None

    def filled(self, step: str, pod: str = "", given: Mapping[str, str] | None = None) -> Step:
        """A step with its values in place; raises Refusal as `step` does."""
        ground, given = self._ground(), given or {}
        found, book = _step(ground, step), _book(ground)
        needs = self.needs(step, pod, given)
        if lacking := missing(needs):
            raise Refusal(f"'{found.title}' cannot run yet: {lacking}")
        assert found.action is not None
        action = fill.fill(found.action, values_of(needs), book.parameters_of(found))
        return found.model_copy(update={"action": action})

    def log(self, pod: str, *, previous: bool = False, container: str = "") -> Job:
        """The end of the log of a pod's container, its default one unless told."""
        target = self._ground().place
        title = f"log {short(pod, target)}" + (" before its restart" if previous else "")
        return Job(title, Logs(pod, target.namespace, container, LOG_LINES, previous, Heading(title)))

    def describe(self, pod: str) -> Job:
        """A pod described."""
        target = self._ground().place
        title = f"describe {short(pod, target)}"
        return Job(title, DescribePod(pod, target.namespace, heading=Heading(title)))

    def history(self) -> Job:
        """The deployment's revisions; raises Refusal when none is configured."""
        target = self._ground().place
        if not target.deployment:
            raise Refusal("no deployment is configured for this service, so there are no revisions to show")
        return Job("what changed", History(target.deployment, target.namespace, heading=Heading("what changed")))

    def rollback(self, revision: int, template: str) -> Job:
        """A rollback to a revision that somebody chose, by its number and its template's hash; raises Refusal."""
        target = self._ground().place
        title = f"Roll back to rev {revision}"
        action = Rollback(target.deployment, target.namespace, template=template, heading=Heading(title))
        return Job(title, action)

    def silence(self, wanted: Wanted) -> Job:
        """A silence; raises Refusal where no Alertmanager is configured."""
        silencer = self._ground().silencer
        if silencer is None:
            raise Refusal("no Alertmanager is configured for this service; add `alertmanager` to it")
        title = f"silence {' '.join(each.value or str(each) for each in wanted.matchers)}"[:LONGEST_TITLE]
        return Job(title, Silence(wanted.matchers, wanted.seconds, wanted.why, silencer, Heading(title)))

    def end_session(self, pid: int, started: str = "", *, cancel: bool = False) -> Job:
        """The end of a session of the service's database, or with `cancel` of its query alone.

        Args:
            started: when the session began that was seen under this pid; empty: whoever has it.

        Raises:
            Refusal: no database is configured.
        """
        ground = self._ground()
        return Job(*ending(ground.config, ground.service, pid, started, cancel=cancel))

    def undoable(self) -> list[Run]:
        """Changes that were made and can be taken back, the latest first; what ended by itself needs none."""
        ground = self._ground()
        runs = [run for run in ground.state.in_place() if run.intent.prior or self._undo_step(run)]
        return [run for run in runs if not (run.ends and ground.now and run.ends <= ground.now)]

    def _undo_step(self, run: Run) -> str:
        """The step that the runbook names for taking a step's change back."""
        book = self._ground().runbook
        step = book.step(run.intent.step) if book and run.intent.step else None
        return step.undo_step or "" if step else ""

    def undo(self, run: str) -> Job | None:
        """What takes a run back, if it can be: its captured state, else the step that the runbook names."""
        found = next((each for each in self.undoable() if each.intent.run == run), None)
        if found is None:
            return None
        title = f"undo {found.intent.title}"
        if found.intent.prior and found.intent.prior.get("verb") == VERB:
            return self._expire(found, title)
        action = undo_of(found, heading=Heading(title, found.intent.step))
        if action is not None:
            return Job(title, action)
        named = self._undo_step(found)
        if not named:
            return None
        try:
            return Job(title, Undoing(self.step(named).action, run))
        except Refusal:  # it lacks a value: it is run as a step of its own
            return None

    def _expire(self, run: Run, title: str) -> Job | None:
        """The end of a silence, in the Alertmanager in which it was made."""
        silencer = self._ground().silencer
        if silencer is None or silencer.name != (run.intent.prior or {}).get("alertmanager"):
            return None
        return Job(title, Expire(run.intent.run, silencer, Heading(title, run.intent.step)))


class Undoing(Struct, frozen=True):
    """A step's action that takes a run back."""

    action: Action
    run: str

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The action's own plan, which says what it undoes."""
        plan = await self.action.prepare(access, situation)
        return replace(plan, undo_of=self.run, mitigates=False)

    @property
    def needs_cluster(self) -> bool:
        """As the action itself."""
        return needs_cluster(self.action)


def _book(ground: Ground) -> Runbook:
    if ground.runbook is None:
        raise Refusal("no runbook is configured for this service; name one in the configuration")
    return ground.runbook


def _step(ground: Ground, step: str) -> Step:
    found = _book(ground).step(step)
    if found is None:
        raise Refusal(f"the runbook has no step '{step}'; `cockpit runbook show` lists them")
    return found


def _known(ground: Ground, pod: str, given: Mapping[str, str]) -> Known:
    service = ground.config.services.get(ground.service)
    database = service.postgresql if service else None
    place = placed(ground.target) if ground.target else None
    standing = fill.values(place, pod or None, name=ground.service, database=database)
    configured = service.parameters if service else {}
    return Known(standing, given, configured, ground.environ, ground.state.runs)


def _means(ground: Ground, step: Step, book: Runbook) -> Means:
    target = ground.target
    return Means(
        service=placed(target) if target else None,
        databases=ground.config.postgresql,
        board=ground.board,
        spool=ground.spool,
        teller=ground.teller,
        kubeconfig=ground.kubeconfig,
        in_pod=ground.in_pod,
        silencer=ground.silencer,
        context=target.context if target else "",
        runbook=book,
    )


def placed(target: Target) -> ServiceKubernetes:
    """The pinned target as the service's place."""
    return ServiceKubernetes(
        cluster=target.cluster,
        namespace=target.namespace,
        selector=target.selector,
        deployment=target.deployment or None,
    )


def short(pod: str, target: Target) -> str:
    """A pod's name without the deployment's, which the service already says."""
    return pod.removeprefix(f"{target.deployment}-") if target.deployment else pod

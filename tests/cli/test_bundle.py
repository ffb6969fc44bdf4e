"""`cockpit export --bundle`, `incident verify --bundle` and `import`: an incident goes from one machine to another."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.record.bundles import forged, line, rewritten

RUNBOOK = """\
title: Long
procedures:
  - id: long
    title: Long
    steps:
      - {id: talks, title: Talk at length, action: {kind: command, argv: [seq, "20000"]}}
"""
CONFIGURATION = "version: 1\nrunbooks: [./books]\nservices:\n  shop: {runbook: long}\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a record of two incidents, written in turn."""
    shell = Shell(tmp_path_factory.mktemp("written"))
    shell.declared()
    shell("incident", "start", "checkout-slow", "p2", "--another").ok()
    for incident, text in (("payment-failure", "the pool is exhausted"), ("checkout-slow", "nobody else may know")):
        shell("--incident", incident, "incident", "note", text).ok()
    shell("--incident", "payment-failure", "incident", "note", "over").ok()
    return shell.folder


@pytest.fixture
def there(tmp_path: Path, written: Path) -> Shell:
    """The machine of those who had the incident."""
    shutil.copytree(written, tmp_path / "there")
    return Shell(tmp_path / "there")


@pytest.fixture
def here(tmp_path: Path) -> Shell:
    """The machine of those who get it."""
    shell = Shell(tmp_path / "here")
    shell.folder.mkdir()
    return shell


def exported(there: Shell, *more: str) -> Path:
    there("--incident", "payment-failure", "export", "--bundle", "incident.bundle", *more).ok()
    return there.folder / "incident.bundle"


def timeline(shell: Shell) -> object:
    return shell("--incident", "INC-2026-001", "incident", "timeline", "--json").ok().json


def test_an_incident_is_exported_verified_and_imported(there: Shell, here: Shell) -> None:
    said = there("--incident", "payment-failure", "export", "--bundle", "incident.bundle", "--json").ok().json
    file = there.folder / "incident.bundle"
    assert (said["label"], said["entries"], said["outputs"], said["redacted"]) == ("INC-2026-001", 4, 0, 0)
    assert said["bytes"] == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    verified = here("incident", "verify", "--bundle", file, "--json").ok().json
    assert (verified["sound"], verified["entries"], verified["fingerprint"]) == (True, 4, said["fingerprint"])
    assert not here.journal.exists()

    told = here("import", file, "--dry-run").ok().out
    assert "INC-2026-001: 4 entries would be added, 0 were here already" in told
    assert not here.journal.exists()
    came = here("import", file, "--json").ok().json
    assert (came["added"], came["present"], came["label"], came["dry_run"]) == (4, 0, "INC-2026-001", False)
    assert came["fingerprint"] == said["fingerprint"]
    assert timeline(here) == timeline(there)

    assert "0 entries added, 4 were here already" in here("import", file).ok().out
    record = here("incident", "verify").ok().out
    assert "2 of them of other incidents and not here" in record or "3 of them of other incidents" in record
    assert "the record is as it was written" in record


def test_it_is_told_for_people_too(there: Shell, here: Shell) -> None:
    out = there("--incident", "payment-failure", "export", "--bundle", "incident.bundle").ok().out
    assert "written: incident.bundle: INC-2026-001, 4 entries, " in out
    assert "fingerprint " in out
    out = here("incident", "verify", "--bundle", there.folder / "incident.bundle").ok().out
    assert out.startswith("INC-2026-001 (")
    assert "the bundle is as it was written" in out


def test_nothing_of_another_incident_is_in_the_file(there: Shell) -> None:
    with zipfile.ZipFile(exported(there)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    assert any(b"the pool is exhausted" in part for part in parts)
    assert not any(b"nobody else" in part or b"checkout-slow" in part for part in parts)


def test_two_incidents_of_one_label_are_told_apart(there: Shell, here: Shell) -> None:
    here("incident", "start", "login-down", "p2").ok()
    out = here("import", exported(there)).ok().out
    assert "INC-2026-002: 4 entries added" in out
    assert "the file calls it INC-2026-001; here it is INC-2026-002" in out
    listed = {each["label"]: each["name"] for each in here("incident", "list", "--json").ok().json}
    assert listed == {"INC-2026-001": "login-down", "INC-2026-002": "payment-failure"}


def test_what_was_redacted_stays_so(there: Shell, here: Shell) -> None:
    (noted,) = [e for e in timeline(there) if "pool" in str(e)]  # type: ignore[attr-defined]
    there("--incident", "payment-failure", "incident", "redact", noted["id"], "--why", "a name", "--yes").ok()
    said = exported(there)
    came = here("import", said, "--json").ok().json
    assert came["added"] == 5
    assert "pool" not in here("--incident", "INC-2026-001", "incident", "timeline").ok().out
    assert "1 redacted" in here("incident", "verify").ok().out


def test_a_bundle_that_somebody_changed(there: Shell, here: Shell) -> None:
    file = forged(exported(there), line(1, actor="@mallory"))
    checked = here("incident", "verify", "--bundle", file)
    checked.failed("problems; keep the file")
    assert "its envelope was changed" in checked.out
    assert "the bundle was changed" in checked.out
    here("import", file).failed("not imported", "not as it was written", "incident verify --bundle")
    here("import", file, "--dry-run").failed("not as it was written")
    assert here("incident", "list", "--json").ok().json == []


def test_what_could_command_a_terminal_is_shown_harmlessly(there: Shell, here: Shell) -> None:
    """Every hash is right: somebody wrote it so. It comes in, and no terminal acts on it."""
    file = rewritten(exported(there), lambda fields: fields.update(kind="future", actor="@\u202eevil\x1b]0;x\x07"))
    said = [here("incident", "verify", "--bundle", file).ok().out, here("import", file).ok().out]
    incident = here("import", file, "--json").ok().json["incident"]
    for command in (("timeline",), ("show",), ("verify",)):
        said.append(here("--incident", incident, "incident", *command).ok().out)
    said.append(here("--incident", incident, "export").ok().out)
    assert "future" in said[2]
    assert not [text for text in said if {"\x1b", "\x07", "\u202e"} & set(text)]


def test_what_no_shared_record_takes_stays_out_here_too(there: Shell, here: Shell) -> None:
    file = rewritten(exported(there), lambda fields: fields.update(kind="\x1b[2Jfuture"))
    here("incident", "verify", "--bundle", file).ok()
    refused = here("import", file)
    refused.failed("nothing was imported", "1 entry does not fit", "written by hand")
    assert "its kind is no name of one" in refused.out
    assert "\x1b" not in refused.out + refused.err


def test_a_record_that_says_otherwise(there: Shell, here: Shell) -> None:
    """A journal was copied, and both went on: nothing of the other's comes in, and the entry is named."""
    here.journal.parent.mkdir(parents=True)
    here.journal.write_bytes(there.journal.read_bytes())
    there("--incident", "payment-failure", "incident", "note", "there it went on").ok()
    here("--incident", "payment-failure", "incident", "note", "and here it did").ok()
    before = timeline(here)
    refused = here("import", exported(there), "--json")
    refused.failed("nothing was imported", "1 entry does not fit", "a journal was copied")
    (why,) = refused.json["refused"]
    assert "went on twice" in why
    assert timeline(here) == before


def test_what_is_no_bundle_or_cannot_be_had(there: Shell, here: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no bundle at all, and long enough to have an end\x1b]0;x\x07")
    for command in (("import",), ("incident", "verify", "--bundle")):
        here(*command, tmp_path / "text").failed("no bundle that can be read")
        here(*command, "nowhere.bundle").failed("nowhere.bundle", "No such file")
        here(*command, tmp_path).wrong("is a directory")
    here("import").wrong("FILE", "--help")
    assert not here.journal.exists()


def test_an_export_that_cannot_be(there: Shell, here: Shell) -> None:
    there("export", "--bundle", "x", "--output", "y").wrong("--bundle", "--output")
    there("export", "--bundle", "x", "--format", "json").wrong("--bundle", "--format")
    there("--incident", "payment-failure", "export", "--bundle", "no/such/x").failed("no/such/x", "not written")
    here("export", "--bundle", "x").wrong("no incident")
    assert not (here.folder / "x").exists()


def test_read_only_imports_nothing_and_rehearses(there: Shell, here: Shell) -> None:
    file = exported(there)
    here("--read-only", "import", file).failed("read-only")
    assert "would be added" in here("--read-only", "import", file, "--dry-run").ok().out
    assert not here.journal.exists()


def test_the_whole_output_of_a_run_goes_along(shell: Shell, here: Shell) -> None:
    (shell.folder / "books").mkdir()
    (shell.folder / "books" / "long.yaml").write_text(RUNBOOK)
    (shell.folder / "cockpit.yaml").write_text(CONFIGURATION)
    assert shell.declared()("runbook", "run", "talks", "--yes").code == 0
    assert shell("export", "--bundle", "incident.bundle", "--json").ok().json["outputs"] == 1
    assert here("import", shell.folder / "incident.bundle", "--json").ok().json["outputs"] == 1
    (ours,) = here.journal.with_name("output").glob("*.log")
    (theirs,) = shell.journal.with_name("output").glob("*.log")
    assert (ours.name, ours.read_bytes()) == (theirs.name, theirs.read_bytes())
    assert b"\n10000\n" in ours.read_bytes()
    theirs.unlink()
    out = shell("export", "--bundle", "without.bundle").ok().out
    assert f"without the output of run {ours.stem}: its file beside the record: No such file" in out
    assert "without the output of run" in here("incident", "verify", "--bundle", shell.folder / "without.bundle").out

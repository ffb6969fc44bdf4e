"""The help of a command that takes one of the simulator's scenarios: it names them."""

from __future__ import annotations

import click


class ScenarioCommand(click.Command):
    """Below the options stands every scenario with what breaks in it; they are imported only when help is asked for."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The scenarios, as the options are listed."""
        from cockpit.simulator.scenarios import described

        with formatter.section("Scenarios (the first one when none is named)"):
            formatter.write_dl(list(described().items()))

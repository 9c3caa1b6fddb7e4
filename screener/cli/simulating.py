"""simulate: what a list in order of suspicion would change at a site."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, ModelOption, app, finish
from screener.errors import ExitCode, UsageError
from screener.resources import shipped_model


@app.command(epilog=EXIT_CODES)
def simulate(
    arrivals: Annotated[
        float | None,
        typer.Option(
            metavar="N", help="Images a day, on average; default: as the ledger's last 90 days had."
        ),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Take arrivals, populations, operating points and prevalence from this ledger.",
        ),
    ] = None,
    model: ModelOption = None,
    share: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SHARE",
            help="Share of a population of the model among the images, such as children=0.2; once for each.",
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Share of pneumonia among the images, 0..1; default: what explains the share flagged in "
            "the ledger, else the model's.",
        ),
    ] = None,
    sensitivity: Annotated[
        float | None, typer.Option(metavar="SHARE", help="In place of the model's; with --specificity.")
    ] = None,
    specificity: Annotated[
        float | None, typer.Option(metavar="SHARE", help="In place of the model's; with --sensitivity.")
    ] = None,
    readers: Annotated[int, typer.Option(metavar="N", help="Readers at work at the same time.")] = 1,
    reading_time: Annotated[
        float, typer.Option(metavar="MINUTES", help="Time to read one image, on average.")
    ] = 4.0,
    reading_cv: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="How much that varies: standard deviation by mean. 1: exponential; 0: always the same.",
        ),
    ] = 1.0,
    arrival_hours: Annotated[
        str, typer.Option(metavar="FROM-TO", help="Hours of the day in which images come.")
    ] = "0-24",
    reading_hours: Annotated[
        str, typer.Option(metavar="FROM-TO", help="Hours of the day in which they are read.")
    ] = "0-24",
    scan_at: Annotated[
        float | None,
        typer.Option(
            metavar="HOUR", help="Images are scored by a nightly scan at this hour; default: as each comes."
        ),
    ] = None,
    max_wait: Annotated[
        float | None,
        typer.Option(
            metavar="HOURS", help="Also simulate the orders with a cap: lift images that waited longer."
        ),
    ] = None,
    overdue: Annotated[
        str,
        typer.Option(
            metavar="below-flagged|first",
            help="Where --max-wait lifts them: below the flagged ones, as 'scan --max-wait', or before all.",
        ),
    ] = "below-flagged",
    days: Annotated[int, typer.Option(metavar="N", help="Days counted in each repeat.")] = 90,
    repeats: Annotated[int, typer.Option(metavar="N", help="How often; more make intervals narrower.")] = 20,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed: same figures.")] = 20261129,
    csv: Annotated[Path | None, typer.Option(metavar="PATH", help="Write the figures as CSV.")] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write figures and all that was assumed as JSON.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Draw them, .png or .svg; needs the extra 'train'."),
    ] = None,
) -> None:
    """Simulate how long images wait to be read: in order of arrival, by probability, by bands.

    Prints mean and longest waiting time of images with pneumonia, of those among them that the model does not
    flag, and of everything else. Nothing is screened, and no image is opened.

    Example: screener simulate --arrivals 150 --reading-hours 7-19 --scan-at 2 --max-wait 24
    """

    def run() -> ExitCode:
        from screener.commands.simulate import SimulateOptions, simulate_list
        from screener.options.checks import check_known
        from screener.simulation.setting import Overdue, Plan, hours_of

        check_known("--overdue", overdue, tuple(Overdue))
        department = {
            "readers": readers,
            "reading_minutes": reading_time,
            "reading_cv": reading_cv,
            "arrival_hours": hours_of(arrival_hours, "--arrival-hours"),
            "reading_hours": hours_of(reading_hours, "--reading-hours"),
            "scan_at": scan_at,
        }
        plan = Plan(days=days, repeats=repeats, max_wait=max_wait, overdue=Overdue(overdue), seed=seed)
        return simulate_list(
            SimulateOptions(
                model=model or shipped_model(),
                plan=plan,
                department=department,
                ledger=ledger,
                arrivals=arrivals,
                prevalence=prevalence,
                sensitivity=sensitivity,
                specificity=specificity,
                shares=_shares(share or ()),
                csv=csv,
                json=json,
                plot=plot,
            )
        )

    finish(run)


def _shares(typed: "list[str] | tuple[()]") -> dict[str, float]:
    """Return shares by population, as "children=0.2" has them."""
    shares = {}
    for each in typed:
        name, _, share = each.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            raise UsageError("options.no_share", found=each) from None
    return shares

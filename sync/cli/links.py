"""Commands about how changes and issues are tied: links why, links suggest."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.errors import TandemError
from sync.cli.context import judged, opened
from sync.cli.options import Json
from sync.cli.output import document_of, out, print_json
from sync.cli.suggest import suggest
from sync.core.explain import links_why
from sync.reports.words import safe

app = typer.Typer(help="Ask how changes and issues are tied.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Add this file's commands."""
    program.add_typer(app, name="links")


@app.command()
def why(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="An issue key, present or former.")],
    as_json: Json = False,
) -> None:
    """Tell why each branch, commit and merge request is tied to an issue. Contacts nothing."""
    with opened(context.obj) as app_, judged(app_) as judging:
        found = links_why(judging.world, key)
    if found is None:
        raise TandemError(f'"{key}" is no issue that is known here')
    if as_json:
        print_json({"key": key, "links": [document_of(link) for link in found]})
        return
    for link in found:
        out().print(safe(str(link)), soft_wrap=True)
    if not found:
        out().print(f"nothing is tied to {safe(key)}")


app.command()(suggest)

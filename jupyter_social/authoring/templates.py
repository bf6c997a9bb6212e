"""Course templates: found on the Jupyter data path, copied with their dates moved to now."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from jupyter_core.paths import jupyter_path

from jupyter_social.authoring.folder import COURSE_FILE
from jupyter_social.core.errors import Conflict, NotFound, Unavailable

TEMPLATE_FILE = "template.toml"

# A clone keeps its templates beside the package; an installed wheel on the Jupyter data path.
_IN_A_CLONE = Path(__file__).parents[2] / "course_templates"
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?=T\d{2}:\d{2})")


@dataclass(frozen=True)
class Template:
    """A folder to start a course from; `starts` is the Monday its dates count from."""

    name: str
    folder: Path
    title: str
    description: str
    starts: date


def template_folders() -> list[Path]:
    """Return where templates are looked for; the first of a name wins."""
    return [*(Path(found) for found in jupyter_path("social", "templates")), _IN_A_CLONE]


def templates() -> dict[str, Template]:
    """Return all templates by name."""
    found: dict[str, Template] = {}
    for place in template_folders():
        for file in sorted(place.glob(f"*/{TEMPLATE_FILE}")):
            found.setdefault(file.parent.name, _read(file))
    return dict(sorted(found.items()))


def create_course(target: Path, template: str, *, today: date) -> list[Path]:
    """Write a new course from a template and return its files, relative to the folder.

    All dates move by whole weeks, so that the course starts on the next Monday. Raises `Conflict`
    rather than write over anything.
    """
    known = templates()
    if template not in known:
        raise NotFound(f"There is no template {template!r}. There are: {', '.join(known)}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is not empty. Choose a new folder: nothing is written over.")
    chosen = known[template]
    try:
        written = _copy(chosen, target)
        _name_and_date(target, chosen, shift=_weeks_until_monday(chosen.starts, today))
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}.") from None
    return written


def _read(file: Path) -> Template:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Template(
            name=file.parent.name,
            folder=file.parent,
            title=str(data["title"]),
            description=str(data["description"]),
            starts=date.fromisoformat(str(data["starts"])),
        )
    except (KeyError, ValueError) as error:
        raise Conflict(
            f"{file} is not a template: it needs title, description and starts ({error})."
        ) from None


def _weeks_until_monday(starts: date, today: date) -> timedelta:
    monday = today + timedelta(days=(7 - today.weekday()) % 7)
    first = starts - timedelta(days=starts.weekday())
    return monday - first


def _copy(template: Template, target: Path) -> list[Path]:
    written = []
    for source in sorted(template.folder.rglob("*")):
        relative = source.relative_to(template.folder)
        if source.is_dir() or relative.name == TEMPLATE_FILE or ".ipynb_checkpoints" in str(source):
            continue
        if relative.name == "gitignore":
            relative = relative.with_name(".gitignore")
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        written.append(relative)
    return written


def _name_and_date(target: Path, template: Template, *, shift: timedelta) -> None:
    """Call the course after its folder, so that two from one template stay two courses."""
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", target.absolute().name).strip("-_")[:64]

    def moved(match: re.Match[str]) -> str:
        return (datetime.fromisoformat(match.group()) + shift).strftime("%Y-%m-%d")

    for file in (target / COURSE_FILE, target / "nbgrader_config.py"):
        text = file.read_text(encoding="utf-8")
        text = text.replace(f'"{template.name}"', f'"{slug or template.name}"')
        file.write_text(_DATE.sub(moved, text), encoding="utf-8")

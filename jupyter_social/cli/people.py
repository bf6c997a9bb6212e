"""`db export` and `db erase`: what belongs to a person goes out to them, or goes away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Unicode

from jupyter_social.cli.base import (
    BASE_FLAGS,
    COURSE_ALIASES,
    DONE,
    REFUSED,
    YES_FLAG,
    CourseCommand,
)
from jupyter_social.cli.files import write_file, write_files
from jupyter_social.cli.output import count
from jupyter_social.core.errors import Conflict

if TYPE_CHECKING:
    from jupyter_social.privacy.views import PersonExported

JSON_NAME = "person.json"
HELD_IN = {"submission_file": "submission", "preview_file": "preview"}


class PersonExport(CourseCommand):
    """Write out everything about a person."""

    name = "jupyter-social-db-export"
    description = (
        "Write everything the course knows of a person, for that person: one JSON file that you "
        "alone can read, or into a folder that file and beside it what they handed in, by name. "
        "Other people stand in it under no name. That it was asked for is written down."
    )
    examples = (
        "jupyter social db export --user ada --output ada.json\n"
        "jupyter social db export --user ada --output for-ada/"
    )
    aliases = {
        **COURSE_ALIASES,
        "user": "PersonExport.user",
        "output": "PersonExport.destination",
    }

    user = Unicode("", help="The user name.").tag(config=True)
    destination = Unicode("", help="A new .json file, or a folder.").tag(config=True)

    def run(self) -> int:
        """Export."""
        from jupyter_social.privacy.operations import EXPORT
        from jupyter_social.privacy.views import ExportPerson

        if not self.user:
            self.wrong_use("--user NAME is missing: whose data?")
        if not self.destination:
            self.wrong_use("--output FILE or folder is missing.")
        target = Path(self.destination)
        folder = self.destination.endswith("/") or target.is_dir() or not target.suffix
        file = target / JSON_NAME if folder else target
        if file.exists():
            raise Conflict(f"{file} exists already. Name a new one: nothing is written over.")
        with self.application() as app:
            answer = app.perform(EXPORT, ExportPerson(username=self.user), caller=self.caller)
        written = [str(file)]
        write_file(file, _json(answer))
        if folder:
            written += write_files(target, _files(answer))
        rows = sum(len(rows) for rows in answer.tables.values())
        self.output.data({"user": self.user, "rows": rows, "written": written})
        self.output.say(
            f"{file} holds everything about {self.user}: {count(rows, 'row')}, "
            f"{count(len(answer.files), 'stored file')}."
        )
        self.output.say(*(f"Written: {path}" for path in written[1:]))
        return DONE


class PersonErase(CourseCommand):
    """Erase a person."""

    name = "jupyter-social-db-erase"
    description = (
        "Erase a person: name, user name, e-mail, hand-ins and words. Points they gave stay under "
        "no name, so that other people's marks stay as they are. This cannot be undone; export "
        "first."
    )
    examples = 'jupyter social db erase --user ada --reason "She asked for it." --yes'
    aliases = {
        **COURSE_ALIASES,
        "user": "PersonErase.user",
        "reason": "PersonErase.reason",
    }
    flags = {**BASE_FLAGS, **YES_FLAG}

    user = Unicode("", help="The user name.").tag(config=True)
    reason = Unicode("", help="Why; write no name in it, it stays.").tag(config=True)

    def run(self) -> int:
        """Erase after asking."""
        from jupyter_social.privacy.operations import ERASE
        from jupyter_social.privacy.views import ErasePerson

        if not self.user:
            self.wrong_use("--user NAME is missing: whom?")
        request = ErasePerson(username=self.user, reason=self.given_reason(self.reason))
        if not self.confirm(f"Erase {self.user} for good?"):
            self.output.data({"erased": False, "notes": []})
            self.output.say("Nothing was changed.")
            return REFUSED
        with self.application() as app:
            answer = app.perform(ERASE, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.say(*answer.notes)
        self.output.say("If the person is still in roster.csv, take the line out there as well.")
        return DONE


def _json(answer: PersonExported) -> bytes:
    return (
        json.dumps(answer.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    ).encode()


def _files(answer: PersonExported) -> dict[str, bytes]:
    """Return what was handed in by path: assignment, version, and the file's own name."""
    contents = {file.sha256: file.content for file in answer.files}
    found = {}
    for table, whole in HELD_IN.items():
        places = {
            row["id"]: f"{row['assignment']}/{whole}-{row.get('version', row['id'])}"
            for row in answer.tables.get(whole, [])
        }
        for row in answer.tables.get(table, []):
            name = f"{places[row[f'{whole}_id']]}/{row['name']}"
            found[name] = contents[row["sha256"]]
    return found

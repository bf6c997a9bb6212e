"""`submissions hand-in`: look at what peers will get, and hand in exactly that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, REFUSED, YES_FLAG
from jupyter_social.cli.files import read_file, write_files
from jupyter_social.cli.output import count
from jupyter_social.cli.personal import PersonalCommand
from jupyter_social.cli.rehearsing import RehearsedCommand, dry_run_flag
from jupyter_social.core.errors import Invalid

if TYPE_CHECKING:
    from jupyter_social.core.operations import Performs
    from jupyter_social.exchange.views import PreviewSubmission, SubmissionPreviewed


class SubmissionsHandIn(PersonalCommand, RehearsedCommand):
    """Hand in what was previewed."""

    name = "jupyter-social-submissions-hand-in"
    description = (
        "Show what peers would get of FILE… for ASSIGNMENT: what was removed, and what may still "
        "tell who wrote it. Then hand in exactly that. --preview writes the anonymous notebooks "
        "to look at."
    )
    examples = (
        "jupyter social submissions hand-in ps1 work.ipynb --as ada --preview looked-at --dry-run\n"
        "jupyter social submissions hand-in ps1 work.ipynb data.csv --as ada"
    )
    arguments = ("ASSIGNMENT", "FILE…")
    aliases = {**COURSE_ALIASES, "preview": "SubmissionsHandIn.preview"}
    flags = {
        **BASE_FLAGS,
        **YES_FLAG,
        **dry_run_flag("Only show what peers would get; hand in nothing."),
    }

    preview = Unicode("", help="A folder for the notebooks as peers would get them.").tag(
        config=True
    )

    def run(self) -> int:
        """Preview, ask, hand in."""
        from jupyter_social.exchange.handing_in import HAND_IN, PREVIEW
        from jupyter_social.exchange.views import HandIn

        request = self._request()
        with self.application() as app:
            seen = app.perform(PREVIEW, request, caller=self.caller)
            written = self._write(app, seen) if self.preview else []
            self._tell(seen, written)
            data: dict[str, Any] = {
                "preview": seen.model_dump(mode="json"),
                "written": written,
                "dry_run": self.dry_run,
                "handed_in": None,
            }
            if self.dry_run:
                self.output.data(data)
                self.output.say("This was a dry run: nothing was handed in.")
                return DONE
            if not self.confirm(f"Hand in {seen.assignment} as shown?"):
                self.output.data(data)
                self.output.say("Nothing was handed in.")
                return REFUSED
            send = HandIn(assignment=seen.assignment, preview=seen.preview)
            mine = app.perform(HAND_IN, send, caller=self.caller)
        self.output.data(data | {"handed_in": mine.model_dump(mode="json")})
        until = f" until {mine.due:%Y-%m-%d %H:%M} UTC" if mine.due and mine.can_change else ""
        change = f" You can hand in again{until}." if mine.can_change else ""
        self.output.say(f"Handed in as version {mine.version}.{change}")
        return DONE

    def _request(self) -> PreviewSubmission:
        from jupyter_social.core.notebooks import MAX_FILE_BYTES
        from jupyter_social.exchange.views import FileView, PreviewSubmission

        assignment, *names = self.extra_args
        files = []
        for name in names:
            content = read_file(Path(name), most=MAX_FILE_BYTES)
            if len(content) > MAX_FILE_BYTES:
                raise Invalid(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
            files.append(FileView(name=Path(name).name, content=content))
        return PreviewSubmission(assignment=assignment, files=files)

    def _write(self, app: Performs, seen: SubmissionPreviewed) -> list[str]:
        from jupyter_social.exchange.handing_in import PREVIEW_NOTEBOOK
        from jupyter_social.exchange.views import ShowPreview

        contents = {}
        for name in seen.notebooks:
            request = ShowPreview(assignment=seen.assignment, preview=seen.preview, notebook=name)
            found = app.perform(PREVIEW_NOTEBOOK, request, caller=self.caller)
            contents[name] = found.content.encode()
        return write_files(Path(self.preview), contents)

    def _tell(self, seen: SubmissionPreviewed, written: list[str]) -> None:
        self.output.say(f"Peers would get: {', '.join(seen.notebooks)}.")
        self.output.say(*(f"Written: {path}" for path in written))
        self.output.say(*(f"Note: {note}" for note in seen.notes))
        if seen.removed:
            total = count(sum(seen.removed.values()), "thing")
            rules = ", ".join(f"{rule} {number}" for rule, number in seen.removed.items())
            self.output.say(f"Removed for it: {total} ({rules}).")
        if seen.remaining:
            self.output.say("This may still tell who wrote it:")
            self.output.table(
                ("rule", "what", "notebook", "cell#", "where"),
                [
                    (f.rule, f.what, f.notebook, "" if f.cell is None else f.cell + 1, f.place)
                    for f in seen.remaining
                ],
            )
        else:
            self.output.say("Nothing else was found that tells who wrote it.")
        if seen.replaces is not None:
            self.output.say(f"It would take the place of version {seen.replaces}.")
        if seen.practice:
            self.output.say(seen.practice)

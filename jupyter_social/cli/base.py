"""What all commands share: options, the course folder, refusals and exit codes.

Exit codes: 0 done, 1 refused or failed, 2 wrong use. With `--json` standard output holds exactly
one JSON document, an error included; what is said to people goes to standard error.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from jupyter_core.application import JupyterApp, NoStart, base_flags
from traitlets import Bool, TraitError, Unicode, default
from traitlets.config import Application as TraitletsApplication
from traitlets.config.loader import ArgumentError

from jupyter_social import __version__
from jupyter_social.cli.parsing import StrictLoader, WrongUse, told
from jupyter_social.config import TOKEN_VARIABLE, Storage
from jupyter_social.core.errors import NotFound, Problem

if TYPE_CHECKING:
    from jupyter_social.app import Application
    from jupyter_social.authoring.folder import CourseFolder
    from jupyter_social.cli.output import Output
    from jupyter_social.cli.remote import RemoteApplication
    from jupyter_social.core.membership import Caller
    from jupyter_social.core.operations import Performs

DONE = 0
REFUSED = 1
WRONG_USE = 2
INTERRUPTED = 130
MAX_REASON = 2000

BASE_ALIASES = {
    "config": "JupyterApp.config_file",
    "log-level": "Application.log_level",
}
COURSE_ALIASES = {
    **BASE_ALIASES,
    "database": "Storage.database",
    "as": "CourseCommand.acting_for",
    "url": "CourseCommand.url",
    "token": "CourseCommand.token",
}
BASE_FLAGS = {
    "debug": (
        {"Application": {"log_level": logging.DEBUG}},
        "Say everything that happens.",
    ),
    "json": ({"Command": {"as_json": True}}, "Answer in JSON, for programs."),
    **{name: base_flags[name] for name in ("generate-config", "show-config", "show-config-json")},
}
YES_FLAG = {"yes": ({"JupyterApp": {"answer_yes": True}}, "Do not ask before acting.")}


class WrongUseProblem(Problem):
    """The command line cannot be understood."""

    code = "wrong-use"
    title = "This is not how the command is used"


class Command(JupyterApp):
    """A verb of `jupyter social`; subclasses say their arguments and implement `run`."""

    version = __version__
    arguments: ClassVar[tuple[str, ...]] = ()
    """Names of the arguments; `[NAME]` may be left out, `NAME…` may be repeated."""

    aliases = BASE_ALIASES
    flags = BASE_FLAGS
    classes = [Storage]

    as_json = Bool(False, help="Answer in JSON.").tag(config=True)

    @default("log_level")
    def _log_level_default(self) -> int:
        return logging.WARNING

    @default("config_file_name")
    def _config_file_name_default(self) -> str:
        return "jupyter_social_config"

    @property
    def output(self) -> Output:
        """Where answers and messages go."""
        from jupyter_social.cli.output import Output

        return Output(as_json=self.as_json)

    def run(self) -> int:
        """Do the work and return the exit code."""
        raise NotImplementedError

    def migrate_config(self) -> None:
        """Configuration of IPython 3 is none of ours."""

    def parse_command_line(self, argv: Any = None) -> None:
        """Read the command line; a mistake in it is told in a sentence, and exits with 2."""
        try:
            TraitletsApplication.parse_command_line.__wrapped__(self, argv)  # type: ignore[attr-defined]
        except (TraitError, ArgumentError, WrongUse) as error:
            self.wrong_use(told(error))

    def start(self) -> None:
        """Run and leave with its exit code; a refusal is told in words, never as a traceback."""
        super().start()
        self._check_arguments()
        try:
            self.exit(self.run())
        except Problem as problem:
            self.output.problem(problem)
            self.exit(REFUSED)
        except TraitError as error:
            self.wrong_use(f"The configuration cannot be used: {told(error)}")
        except KeyboardInterrupt:
            sys.stderr.write("Stopped. What was done so far is kept.\n")
            self.exit(INTERRUPTED)

    def wrong_use(self, message: str) -> NoReturn:
        """Leave with 2 and a sentence."""
        from jupyter_social.cli.output import Output

        sys.stderr.write(f"{message}\nAdd -h to see what this command takes.\n")
        # A mistake on the command line can come before the option itself was understood.
        Output(as_json=self.as_json or "--json" in self.argv).data(
            {"problem": WrongUseProblem(message).details()}
        )
        raise SystemExit(WRONG_USE)

    def confirm(self, question: str) -> bool:
        """Ask before something that cannot be undone; without a terminal `--yes` must say it."""
        if self.answer_yes:
            return True
        if not sys.stdin.isatty():
            self.wrong_use(f"{question} There is no terminal to ask on: add --yes to say so.")
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    def given_reason(self, text: str, *, option: str = "reason") -> str:
        """Return the words behind `--reason`; without any it is wrong use."""
        if not text.strip():
            self.wrong_use(f"--{option} needs words: why is this done?")
        if len(text) > MAX_REASON:
            self.wrong_use(f"--{option} takes at most {MAX_REASON} characters.")
        return text

    def print_version(self) -> None:
        """Print the version alone."""
        sys.stdout.write(f"{__version__}\n")

    def emit_description(self) -> Generator[str, None, None]:
        """Begin the help with the line to type."""
        yield f"Usage: {' '.join([self._spoken_name(), *self.arguments])} [options]"
        yield ""
        yield from super().emit_description()

    def _spoken_name(self) -> str:
        # The dashes before the noun and before its verb; those within a verb are part of it.
        return "jupyter social" + self.name.removeprefix("jupyter-social").replace("-", " ", 2)

    def _create_loader(self, argv: Any, aliases: Any, flags: Any, classes: Any) -> StrictLoader:
        return StrictLoader(
            argv, aliases, flags, classes=classes, log=self.log, subcommands=self.subcommands
        )

    def _check_arguments(self) -> None:
        needed = [name for name in self.arguments if not name.startswith("[")]
        most = (
            None
            if any(n.rstrip("]").endswith("…") for n in self.arguments)
            else len(self.arguments)
        )
        given = len(self.extra_args)
        if given < len(needed):
            self.wrong_use(f"{needed[given].rstrip('…')} is missing.")
        if most is not None and given > most:
            self.wrong_use(f"{self.extra_args[most]!r} is one argument too many.")


class CourseCommand(Command):
    """A verb that works on the course in whose folder it runs, or on the one behind `--url`."""

    aliases = COURSE_ALIASES
    classes = [Storage]
    on_this_machine: ClassVar[bool] = False
    """Whether it is about files and folders here, so that a server elsewhere cannot do it."""

    acting_for = Unicode(
        "", help="Act for this person of the course; that you did is written down."
    ).tag(config=True)
    url = Unicode(
        "", help="Work on the course of the Jupyter server at this address, as yourself."
    ).tag(config=True)
    token = Unicode(
        "",
        help="""Your token on that server. Other people on this machine can read a command line:
        better set the environment variable JUPYTER_SOCIAL_TOKEN.""",
    ).tag(config=True)

    def _check_arguments(self) -> None:
        super()._check_arguments()
        if self.url and self.on_this_machine:
            self.wrong_use("This command works on the machine it runs on: leave out --url.")
        if self.url and self.acting_for:
            self.wrong_use("With --url you act as whoever the token belongs to: leave out --as.")

    @property
    def caller(self) -> Caller:
        """Who acts: the operator, or the person named with `--as`."""
        from jupyter_social.core.membership import Caller

        return Caller(self.acting_for or None, on_behalf=bool(self.acting_for))

    @property
    def folder(self) -> CourseFolder:
        """The course folder at or above the working directory."""
        from jupyter_social.authoring.folder import CourseFolder, find_course_folder

        try:
            here = Path.cwd()
        except FileNotFoundError:
            raise NotFound("The folder you are in has been deleted. Go to another.") from None
        return CourseFolder(find_course_folder(here))

    @property
    def database_url(self) -> str:
        """The URL of the course's database."""
        return Storage(parent=self).url(self.folder.root)

    @contextmanager
    def application(self) -> Iterator[Performs]:
        """The course at work: at `--url`, in the process that has it open, or in this one."""
        remote = self._at_url() if self.url else self._at_owner()
        if remote is None:
            with self.local_application() as app:
                yield app
            return
        try:
            yield remote
        finally:
            remote.close()

    @contextmanager
    def local_application(self) -> Iterator[Application]:
        """The course at work in this process, closed afterwards; refused while another has it."""
        from jupyter_social.app import open_application
        from jupyter_social.core.operations import Trust

        storage = Storage(parent=self)
        trust = Trust(accepts_graded=storage.accept_graded_without_isolation)
        app = open_application(self.folder, self.database_url, trust=trust)
        try:
            yield app
        finally:
            app.close()

    def _at_url(self) -> RemoteApplication:
        from jupyter_social.cli.remote import served_at

        try:
            name: str | None = self.folder.course.name
        except NotFound:
            name = None
        return served_at(self.url, self.token or os.environ.get(TOKEN_VARIABLE, ""), course=name)

    def _at_owner(self) -> RemoteApplication | None:
        from jupyter_social.core.database import sqlite_file
        from jupyter_social.core.ownership import announced_door

        file = sqlite_file(self.database_url)
        door = announced_door(file) if file is not None else None
        if door is None:
            return None
        from jupyter_social.cli.remote import owner_of

        return owner_of(door, self.folder.course.name)


class Group(Command):
    """A noun with verbs below it, such as `jupyter social reviews`."""

    arguments = ("COMMAND",)
    subcommand_description = "Each takes -h, which says what it does and takes."

    def parse_command_line(self, argv: Any = None) -> None:
        """Hand over to the verb; options stand behind it."""
        words = sys.argv[1:] if argv is None else list(argv)
        verb = next((word for word in words if word in self.subcommands), None)
        if words and words[0].startswith("-") and verb and not {"-h", "--help"} & set(words):
            self.wrong_use(
                f"Options go behind the command: {self._spoken_name()} {verb} {words[0]}"
            )
        super().parse_command_line(argv)

    def start(self) -> None:
        """Run the verb, or list the verbs."""
        if self.subapp is None and not self.generate_config:
            if self.extra_args:
                verbs = ", ".join(self.subcommands)
                self.wrong_use(f"{self.extra_args[0]!r} is not one of: {verbs}.")
            self.print_help()
            self.exit(WRONG_USE)
        JupyterApp.start(self)


__all__ = ["DONE", "REFUSED", "Command", "CourseCommand", "Group", "NoStart"]

"""`reviews show`, `reviews submit` and `reviews take-back`: a reviewer's work, by files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, REFUSED
from jupyter_social.cli.output import count
from jupyter_social.cli.personal import PersonalCommand
from jupyter_social.cli.rehearsing import RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.authoring.review_file import ReviewToml
    from jupyter_social.core.operations import Performs
    from jupyter_social.reviews.desk.operations import StaleVersion
    from jupyter_social.reviews.desk.views import ReviewShown


class ReviewsShow(PersonalCommand):
    """Show the reviews to write, or one of them."""

    name = "jupyter-social-reviews-show"
    description = (
        "List the reviews of ASSIGNMENT that NAME has to write; with REVIEW show that one: the "
        "rubric, the work's notebooks and what is written so far. --output writes the notebooks "
        "and a review.toml to fill in."
    )
    examples = (
        "jupyter social reviews show ps1 --as ada\n"
        "jupyter social reviews show ps1 3vQ… --as ada --output first-review"
    )
    arguments = ("ASSIGNMENT", "[REVIEW]")
    aliases = {**COURSE_ALIASES, "output": "ReviewsShow.destination"}

    destination = Unicode(
        "", help="A folder for the work's notebooks and the review.toml to fill in."
    ).tag(config=True)

    def run(self) -> int:
        """List, or show one."""
        with self.application() as app:
            if len(self.extra_args) == 1:
                if self.destination:
                    self.wrong_use("REVIEW is missing: --output writes one review.")
                return self._list(app)
            return self._one(app)

    def _list(self, app: Performs) -> int:
        from jupyter_social.reviews.desk.operations import MINE
        from jupyter_social.reviews.desk.views import MyReviews

        request = MyReviews(assignment=self.extra_args[0])
        answer = app.perform(MINE, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        if answer.reviews:
            self.output.table(
                ("review", "state", "notebooks"),
                [(row.review, row.state.value, ", ".join(row.notebooks)) for row in answer.reviews],
            )
        until = f", until {answer.due:%Y-%m-%d %H:%M} UTC" if answer.due else ""
        self.output.say(
            f"{answer.done} of {count(answer.expected, 'review')} done{until}."
            if answer.expected
            else f"There is nothing to review in {answer.assignment} now."
        )
        if answer.practice:
            self.output.say(answer.practice)
        return DONE

    def _one(self, app: Performs) -> int:
        from jupyter_social.cli.forms import READ_ONLY, rubric_rows, told, write_form
        from jupyter_social.reviews.desk.operations import READ
        from jupyter_social.reviews.desk.views import ReadReview

        assignment, review = self.extra_args
        request = ReadReview(assignment=assignment, review=review)
        answer = app.perform(READ, request, caller=self.caller)
        written = []
        if self.destination:
            written = write_form(
                Path(self.destination),
                "review",
                review,
                version=answer.version,
                rubric=answer.rubric,
                notebooks=self._notebooks(app, answer),
                body=answer.body,
            )
        self.output.data(answer.model_dump(mode="json") | {"written": written})
        self.output.say(
            f"Review {review}: {answer.state}. Notebooks: {', '.join(answer.notebooks) or 'none'}."
        )
        self.output.table(("criterion", "title", "about", "levels"), rubric_rows(answer.rubric))
        self.output.say(*told(answer.body, {c.key: c.title for c in answer.rubric}))
        if written:
            self.output.say(*(f"Written: {path}" for path in written), READ_ONLY)
            self.output.say(
                f"Fill in review.toml, then: jupyter social reviews submit {assignment} "
                f"--file {Path(self.destination) / 'review.toml'} --as {self.acting_for}"
            )
        return DONE

    def _notebooks(self, app: Performs, answer: ReviewShown) -> dict[str, str]:
        from jupyter_social.reviews.desk.operations import NOTEBOOK
        from jupyter_social.reviews.desk.views import ShowWork

        requests = [
            ShowWork(assignment=answer.assignment, review=answer.review, notebook=name)
            for name in answer.notebooks
        ]
        found = [app.perform(NOTEBOOK, request, caller=self.caller) for request in requests]
        return {notebook.name: notebook.content for notebook in found}


class ReviewsSubmit(PersonalCommand, RehearsedCommand):
    """Submit a review, or save it as a draft."""

    name = "jupyter-social-reviews-submit"
    description = (
        "Submit the review of ASSIGNMENT that stands in a review.toml, or with --draft save it to "
        "go on later. It can be taken back until the deadline. Where somebody saved another text "
        "meanwhile, both are shown. Staff submit their own review of a `work` the same way."
    )
    examples = (
        "jupyter social reviews submit ps1 --file first-review/review.toml --as ada --draft\n"
        "jupyter social reviews submit ps1 --file first-review/review.toml --as ada"
    )
    arguments = ("ASSIGNMENT",)
    aliases = {**COURSE_ALIASES, "file": "ReviewsSubmit.file"}
    flags = {
        **BASE_FLAGS,
        "draft": ({"ReviewsSubmit": {"draft": True}}, "Save it; do not submit it yet."),
        **dry_run_flag("Say whether it would be taken; change nothing."),
    }

    file = Unicode("", help="The filled-in review.toml.").tag(config=True)
    draft = Bool(False, help="Save it; do not submit it yet.").tag(config=True)

    def run(self) -> int:
        """Read the file, save or submit it."""
        from jupyter_social.authoring.review_file import read_review
        from jupyter_social.reviews.desk.operations import StaleVersion

        if not self.file:
            self.wrong_use("--file review.toml is missing; `reviews show --output` writes one.")
        found = read_review(Path(self.file))
        if found.work is not None:
            return self._as_staff(found, found.work)
        try:
            return self._submit(found)
        except StaleVersion as stale:
            return self._tell_stale(stale)

    def _submit(self, found: ReviewToml) -> int:
        from jupyter_social.cli.forms import body_of, note_version
        from jupyter_social.reviews.desk.operations import SAVE, SUBMIT
        from jupyter_social.reviews.desk.views import SaveDraft, SubmitReview

        assignment, review, version = self.extra_args[0], found.review or "", found.version
        body = body_of(found)
        draft = SaveDraft(assignment=assignment, review=review, version=version, body=body)
        whole = SubmitReview(assignment=assignment, review=review, version=version, body=body)
        with self.application() as app:
            answer = self.act(app, SAVE, draft) if self.draft else self.act(app, SUBMIT, whole)
        if not self.dry_run:
            note_version(Path(self.file), answer.version)
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        self.output.say(self._done(answer))
        return DONE

    def _done(self, answer: ReviewShown) -> str:
        if self.dry_run:
            return "It is fine as it is. This was a dry run: nothing was changed."
        if self.draft:
            return f"Saved as a draft (version {answer.version}). Nobody else sees it."
        until = f" until {answer.due:%Y-%m-%d %H:%M} UTC" if answer.due else ""
        return (
            f"Submitted. Thank you! You can take it back{until}: jupyter social reviews take-back "
            f"{answer.assignment} {answer.review} --as {self.acting_for}"
        )

    def _as_staff(self, found: ReviewToml, work: str) -> int:
        from jupyter_social.cli.forms import body_of
        from jupyter_social.reviews.marks.operations import STAFF_REVIEW
        from jupyter_social.reviews.marks.views import StaffReview

        if self.draft:
            self.wrong_use("--draft is for reviews among peers; a review by staff is sent whole.")
        request = StaffReview(assignment=self.extra_args[0], work=work, body=body_of(found))
        with self.application() as app:
            answer = self.act(app, STAFF_REVIEW, request)
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        self.output.say(
            "It is fine as it is. This was a dry run: nothing was changed."
            if self.dry_run
            else f"Your review of {work} counts as one among {len(answer.reviews)}."
        )
        return DONE

    def _tell_stale(self, stale: StaleVersion) -> int:
        from jupyter_social.cli.forms import told
        from jupyter_social.reviews.desk.views import ReviewBody

        for title, name in (("What stands:", "stored"), ("What is in your file:", "yours")):
            body = ReviewBody.model_validate(stale.members[name])
            self.output.say(title, *told(body, {}))
        self.output.say(f"When both are one, write version = {stale.members['version']} in it.")
        self.output.problem(stale)
        return REFUSED


class ReviewsTakeBack(PersonalCommand):
    """Take a submitted review back."""

    name = "jupyter-social-reviews-take-back"
    description = (
        "Take the submitted REVIEW back, to change it; until the deadline. Its text stays as a "
        "draft. (Staff take released feedback back with `reviews take-back-release`.)"
    )
    examples = "jupyter social reviews take-back ps1 3vQ… --as ada"
    arguments = ("ASSIGNMENT", "REVIEW")

    def run(self) -> int:
        """Take back."""
        from jupyter_social.reviews.desk.operations import TAKE_BACK
        from jupyter_social.reviews.desk.views import TakeBackReview

        assignment, review = self.extra_args
        with self.application() as app:
            request = TakeBackReview(assignment=assignment, review=review)
            answer = app.perform(TAKE_BACK, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.say(f"Review {review}: {answer.state} (version {answer.version}).")
        return DONE

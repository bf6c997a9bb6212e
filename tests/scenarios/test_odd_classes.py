"""Classes as they are: people come back, names are given again, groups change, files are odd."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builders import Classroom, as_bytes, code, notebook
from sqlalchemy import update

from jupyter_social.core.errors import Invalid
from jupyter_social.core.notebooks import read_notebook
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.core.scrubbing import Scrubber
from jupyter_social.exchange import store
from jupyter_social.reviews import tables
from jupyter_social.reviews.operations import VERIFY
from jupyter_social.reviews.rules import input_hash
from jupyter_social.reviews.store import runs
from jupyter_social.reviews.views import VerifyReviews


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    return a_course(database_url)


def person(username: str, name: str, email: str, group: str | None = None) -> RosterEntry:
    return RosterEntry(Identity(username, name, email), Role.STUDENT, group)


def copies(room: Classroom, assignment: str = "ps1") -> Iterator[str]:
    """The anonymous copies, as text."""

    def read(tx: Any) -> list[bytes]:
        versions = store.latest(tx, room.app.course, assignment).values()
        return [d for v in versions for d in store.anonymous_notebooks(tx, v.id).values()]

    yield from (data.decode() for data in room.app.database.read(read))


def test_of_two_owners_of_a_user_name_the_present_one_is_the_author(room: Classroom) -> None:
    room.replace_roster([person("alice", "Robert Brown", "rb@uni.test")])
    room.replace_roster([])
    room.replace_roster([person("alice", "Alicia Zander", "az@uni.test")])
    handed_in = "# Alicia here, says Zander"
    room.hand_in("alice", handed_in)
    (copy,) = copies(room)
    assert "Alicia" in handed_in
    assert "Alicia" not in copy
    assert "Zander" not in copy


def test_who_left_a_group_is_still_an_author_of_its_work(room: Classroom) -> None:
    carla = person("carla", "Carla Quent", "c@uni.test", "g0")
    stays = [person("sam", "Sam Stone", "s@uni.test", "g0")]
    room.replace_roster([carla, *stays])
    room.replace_roster(stays)
    room.hand_in("sam", "# Quent did part 2", assignment="team")
    (copy,) = copies(room, "team")
    assert "Quent" not in copy


def test_after_a_change_from_persons_to_groups_nobody_reviews_their_own_group(
    room: Classroom,
) -> None:
    room.with_students(10, groups_of=2).who_all_hand_in()
    file = room.folder / "course.toml"
    file.write_text(file.read_text().replace('title = "First"', 'title = "First"\nby = "group"'))
    room.reopened()
    for number in range(5):
        room.hand_in(f"student{2 * number:03d}", f"print({number})")
    answer = room.assign(2)
    assert (answer.units, answer.tasks) == (5, 10)
    groups = room.app.database.read(lambda tx: store.standing(tx, room.app.course, "ps1"))
    assert len(groups) == 15, "the hand-ins of persons are kept"


def test_a_conflict_with_somebody_who_is_away_counts_when_they_come_back(room: Classroom) -> None:
    room.with_students(6).who_all_hand_in()
    everybody = room.people
    room.without("student005")
    away = [{"reviewer": "student005", "author": f"student{n:03d}"} for n in (0, 1)]
    room.assign(3, seed=1, conflicts=away)
    room.replace_roster(everybody)
    room.assign(3)
    forbidden = {("student005", "student000"), ("student005", "student001")}
    assert not forbidden & set(named_pairs(room))


def test_a_group_named_as_a_conflict_among_persons_is_refused(room: Classroom) -> None:
    room.with_students(6, groups_of=2).who_all_hand_in()
    with pytest.raises(Invalid, match="group-1"):
        room.assign(2, conflicts=[{"reviewer": "student000", "author": "group-1"}])


def test_a_group_is_not_called_like_a_person(room: Classroom) -> None:
    with pytest.raises(Invalid, match="'ann' is called like a person"):
        room.replace_roster(
            [person("ann", "Ann", "a@uni.test"), person("bob", "Bob", "b@uni.test", "ann")]
        )


@pytest.mark.usefixtures("a_damaged_course")
def test_a_chain_that_was_forged_as_a_whole_is_caught_by_the_journal(room: Classroom) -> None:
    room.with_students(8).who_all_hand_in().assign(2, seed=1)
    room.app.database.write(lambda tx: forge(tx, room))
    answer = room.app.perform(VERIFY, VerifyReviews(assignment="ps1"))
    assert [run.problems for run in answer.runs] == [[]], "the chain itself is consistent"
    assert not answer.holds


def test_a_draw_says_that_it_replaces_the_one_before(room: Classroom) -> None:
    room.with_students(6).who_all_hand_in()
    assert room.assign(2, seed=1).notes == []
    assert "replaces the draw before" in " ".join(room.assign(2, seed=2).notes)


def test_keys_of_json_that_become_alike_stay_apart() -> None:
    data = {"application/json": {"Alice": 1, "Smith": 2}}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    scrubber = Scrubber([Identity("alice", "Alice Smith", "a@uni.test")])
    read = read_notebook(as_bytes(notebook(code("x", outputs=[output]))))
    clean = scrubber.scrub(read, authors=["alice"], random=Seeded()).content
    kept = clean["cells"][0]["outputs"][0]["data"]["application/json"]
    assert sorted(kept.values()) == [1, 2]
    assert not {"Alice", "Smith"} & kept.keys()


@pytest.mark.parametrize(
    "form", ["Al<ins></ins>ice", "Al<q></q>ice", "Al&#x0000069;ce", "&#0000000065;lice"]
)
def test_a_name_that_only_a_browser_shows_is_found(form: str) -> None:
    data = {"text/html": f"<p>{form} was here</p>"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    scrubber = Scrubber([Identity("alice", "Alice Smith", "a@uni.test")])
    read = read_notebook(as_bytes(notebook(code("x", outputs=[output]))))
    clean = scrubber.scrub(read, authors=["alice"], random=Seeded()).content
    shown = clean["cells"][0]["outputs"][0]["data"]["text/html"]
    assert "[name]" in shown
    assert form not in shown


def test_ten_thousand_comments_with_a_name_are_all_cleaned() -> None:
    scrubber = Scrubber([Identity("alice", "Alice Smith", "a@uni.test")])
    read = read_notebook(as_bytes(notebook("#alice\n" * 10_000)))
    scrubbed = scrubber.scrub(read, authors=["alice"], random=Seeded())
    assert b"alice" not in scrubbed.data
    assert sum(f.count for f in scrubbed.removed if f.place == "source") == 10_000


class Seeded:
    """A random source that always begins alike."""

    def __init__(self) -> None:
        self.count = 0

    def token_bytes(self, nbytes: int, /) -> bytes:
        self.count += 1
        return self.count.to_bytes(nbytes, "big")


def named_pairs(room: Classroom) -> list[tuple[str, str]]:
    from jupyter_social.core import pseudonyms

    names = room.app.database.read(lambda tx: pseudonyms.owner_names(tx, room.app.course, "ps1"))
    return [(names[task.reviewer], names[task.author]) for task in room.tasks()]


def forge(tx: Any, room: Classroom) -> None:
    """Rewrite the run with another seed, its hashes, and the reviews that follow from it."""
    from dataclasses import replace

    from jupyter_social.reviews.rules import output_hash, replay

    (run,) = runs(tx, room.app.course, "ps1")
    inputs = replace(run.inputs, seed=2)
    pairs = replay(inputs).pairs
    assert output_hash(pairs) != run.output_hash
    tx.execute(
        update(tables.allocation_run).values(
            inputs=json.loads(json.dumps(inputs.as_json())),
            input_hash=input_hash(inputs),
            output_hash=output_hash(pairs),
        )
    )
    store_reviews(tx, room, pairs)


def store_reviews(tx: Any, room: Classroom, pairs: Any) -> None:
    from jupyter_social.reviews import store as review_store

    review_store.replace_open_tasks(
        tx, room.app.course, "ps1", run=1, pairs=pairs, random=room.app.random
    )

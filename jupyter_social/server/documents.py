"""The two documents about the server itself, beside the operations of a course."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_social.core import membership
from jupyter_social.core.errors import NotFound
from jupyter_social.core.views import View
from jupyter_social.server.addresses import OPENAPI

if TYPE_CHECKING:
    from jupyter_social.app import Application
    from jupyter_social.core.membership import Caller


class CourseNamed(View):
    """A course of this server; `name` stands in the addresses of everything in it."""

    name: str
    title: str


class CoursesNamed(View):
    """The courses of this server that whoever asks is in."""

    courses: list[CourseNamed]


def document(name: str, application: Application, caller: Caller) -> bytes:
    """Return one of the documents in JSON."""
    if name == OPENAPI:
        from jupyter_social.server.openapi import openapi

        return json.dumps(openapi(), ensure_ascii=False).encode()
    return courses(application, caller).model_dump_json(by_alias=True).encode()


def courses(application: Application, caller: Caller) -> CoursesNamed:
    """Name the course where the caller is in it."""
    course = application.files.course
    found = [CourseNamed(name=course.name, title=course.title)]
    try:
        application.database.read(lambda tx: membership.admit(tx, application.course, caller))
    except NotFound:
        found = []
    return CoursesNamed(courses=found)

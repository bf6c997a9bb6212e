"""Settings for nbgrader; it reads this file when it is run in this folder."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "intro-python"

"""The rules of scrubbing, each with a name that reports use and that can be switched off.

Switching one off is for the tests, which show that every rule is needed, and for staff who look
into what a rule does. What peers get is always scrubbed with `ALL_RULES`.
"""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """One thing that scrubbing does; the value is the code in findings."""

    # What a notebook carries besides what it shows.
    NOTEBOOK_METADATA = "notebook-metadata"
    CELL_METADATA = "cell-metadata"
    OUTPUT_METADATA = "output-metadata"
    CELL_IDS = "cell-ids"
    EXECUTION_COUNTS = "execution-counts"
    MEDIA_TYPES = "media-types"
    ATTACHMENT_NAMES = "attachment-names"
    IMAGES = "images"
    ACTIVE_CONTENT = "active-content"
    HIDDEN_MARKUP = "hidden-markup"
    REMOTE_REFERENCES = "remote-references"
    # Traces of a machine in texts.
    ADDRESSES = "memory-addresses"
    PATHS = "paths"
    # People in texts.
    EMAILS = "emails"
    USERNAMES = "usernames"
    FULL_NAMES = "full-names"
    JOINED_NAMES = "joined-names"
    BARE_NAMES = "bare-names"
    INITIALS = "initials"
    OTHER_PEOPLE = "other-people"
    # Where names hide.
    UNICODE_FORMS = "unicode-forms"
    ESCAPES = "escapes"
    MARKUP_IN_WORDS = "markup-in-words"
    SPLIT_OUTPUTS = "split-outputs"
    ENCODED_TEXT = "encoded-text"
    # What is only reported.
    NAMES_IN_CODE = "names-in-code"
    STRANGERS = "strangers"
    AUTHOR_PHRASES = "author-phrases"
    PICTURES = "pictures"


ALL_RULES: frozenset[Rule] = frozenset(Rule)

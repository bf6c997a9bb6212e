"""Course files: reading them, checking them, and starting from a template.

The files in the course folder are the truth for what they hold. Nothing here touches the database.
"""

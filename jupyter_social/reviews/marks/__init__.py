"""From reviews to marks: release, feedback to authors, overrides, and marks out."""

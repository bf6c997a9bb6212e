"""The review desk: what a reviewer reads, drafts and submits."""

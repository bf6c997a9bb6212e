"""People's safety: reports, hidden reviews, and the pause of a whole course."""

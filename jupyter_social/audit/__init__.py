"""What was done with people's data and marks, by whom and why, for those who answer for it."""

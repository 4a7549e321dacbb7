"""The life of a job: states, transitions, retry policy, progress."""

"""Academy: the back end of a private academy."""

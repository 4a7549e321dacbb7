"""The lifecycle every worker shares: submit, process, settle, reconcile."""

"""Who uses what: settings, then one module per process."""

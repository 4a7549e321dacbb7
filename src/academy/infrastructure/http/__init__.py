"""A small HTTP client: one server, few connections, bounded in time and size; shared by the adapters of services that are asked often."""

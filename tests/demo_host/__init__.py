"""The demo host, as the plugin and its people see it."""

"""``flask sms …``: a thin layer over the services."""

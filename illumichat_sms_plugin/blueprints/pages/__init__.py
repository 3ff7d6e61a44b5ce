"""Pages for people, below ``/sms/``."""

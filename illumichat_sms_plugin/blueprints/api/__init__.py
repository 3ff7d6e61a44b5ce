"""The same for programs: JSON below ``/api/sms/``."""

"""What people read, in their language: English sentences in the code, their translations in ``translations/``."""

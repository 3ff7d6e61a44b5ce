"""Wishes to get no more texts, read by word lists of several languages: see find_wish.py."""

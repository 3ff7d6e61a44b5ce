"""Texts that are older than their channel keeps them go, with all that belongs to them; figures stay."""

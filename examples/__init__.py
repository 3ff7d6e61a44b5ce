"""The host contract, written for applications that were not made for it."""

"""The host contract, written for an application that was not made for it."""

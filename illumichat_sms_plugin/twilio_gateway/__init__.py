"""The only door to Twilio: signatures, texts, accounts, numbers and error codes.

Twilio's library is imported where a call is really made, never when these modules are imported:
it costs 0.6 s and 10 MB, and a process that only takes webhooks does not need it.
"""

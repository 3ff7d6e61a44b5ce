"""The SMS channel of IllumiChat: texts come in through Twilio, the assistant answers."""

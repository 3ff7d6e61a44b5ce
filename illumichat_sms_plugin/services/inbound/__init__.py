"""What Twilio sends: authenticated, given to its channel, recorded; and why it was refused."""

"""What an admin does with a channel: connect, test, point the webhook, rotate the token, disconnect."""

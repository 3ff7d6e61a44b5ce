"""The work of the job: bring one session up to date, from its unanswered texts to the answer at Twilio."""

"""Looking back at sessions: list, search, conversation, and what an admin decides in one."""

"""An assistant without a language model: it answers from the documents it was given, or says that it cannot."""

from demo.host.knowledge.conversation import Briefing, answer_from_knowledge
from demo.host.knowledge.people import asks_for_a_person, contact_line

__all__ = ["Briefing", "answer_from_knowledge", "asks_for_a_person", "contact_line"]

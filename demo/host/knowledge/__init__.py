"""An assistant without a language model: it answers from the documents it was given, or says that it cannot."""

from demo.host.knowledge.conversation import Briefing, answer_from_knowledge

__all__ = ["Briefing", "answer_from_knowledge"]

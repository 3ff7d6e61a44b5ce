"""What the plugin does: verbs where something happens, nouns where something is kept."""

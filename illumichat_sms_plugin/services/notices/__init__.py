"""Who looks after a channel is told when something is the matter, where the host has a way to tell them."""

"""``./run demo``: starts every process of the demo, says where to click, and leaves none behind."""

"""The whole product as people meet it: every process of the demo real, driven in a real browser."""

"""People who answer texters in the assistant's place."""

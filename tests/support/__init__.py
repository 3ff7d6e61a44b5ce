"""What the tests build their situations with."""

"""What models write for machines, and how it is kept from people."""

"""What a release needs: the audit of pinned packages, the bill of materials."""

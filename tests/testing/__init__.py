"""The conformance kit: sound hosts pass, and a host that is wrong in one way is caught by the rule that it breaks."""

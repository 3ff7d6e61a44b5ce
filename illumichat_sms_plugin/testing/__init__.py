"""For a host's maintainer: tests that hold their host to the contract.

    from illumichat_sms_plugin.testing import HostContract, Trial

    class TestOurHost(HostContract):
        @pytest.fixture
        def trial(self, app):
            return Trial(app, assistant_id="ast_1")

``docs/host-contract.md`` has the rules; each failure is a sentence that names the one that is broken.
"""

from illumichat_sms_plugin.conformance.trial import OUTSIDER, STRANGER, Trial
from illumichat_sms_plugin.testing.host_contract import HostContract

__all__ = ["OUTSIDER", "STRANGER", "HostContract", "Trial"]

"""A Twilio of one's own: its REST API, signed webhooks, status callbacks, faults, and phones to text from.

It knows nothing of the plugin, so that it can bear witness about it. By hand::

    python -m demo.twilio_simulator --port 8001 --data simulator.sqlite

and open http://127.0.0.1:8001/. In a test::

    from demo.twilio_simulator import Simulator, seed

    with Simulator() as twilio:                     # a free port, a delivery takes 20 ms
        gateway = connect(seed.ACCOUNT_SID, seed.AUTH_TOKEN, api_url=twilio.url)
        twilio.set_webhook(seed.SUPPORT_NUMBER, f"{app_url}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")

        hook = twilio.text("+15557650001", seed.SUPPORT_NUMBER, "What are your opening hours?")
        assert hook.ok and hook.status_code == 200  # what the webhook answered; wait=False returns at once

        [answer] = twilio.wait_for(lambda: twilio.messages(to="+15557650001", created_by="api"))
        twilio.wait_for(lambda: answer.status == "delivered")
        twilio.wait_idle()                          # all callbacks are done
        assert [w.status for w in twilio.webhooks(kind="status")] == ["sending", "sent", "delivered"]

        twilio.add_fault("429", count=3)            # or {"kind": "429", "count": 3} to POST /_sim/faults
        twilio.add_fault("30007", number="+15557650001", count=None)
        twilio.add_fault("hang_after_accepting", seconds=20)
        twilio.clear_faults()
        twilio.callbacks.hold(); twilio.callbacks.release(reverse=True, times=5)
        twilio.stop(); twilio.start()               # connection refused in between, same port, same messages
        twilio.reset()                              # as new

Every kind of fault is in :mod:`demo.twilio_simulator.fault_kinds`, the credentials and numbers in
:mod:`demo.twilio_simulator.seed`, what is remembered in :mod:`demo.twilio_simulator.records`. From
another process, ``GET /_sim/state`` tells all of it as JSON.
"""

from demo.twilio_simulator.settings import FAST, HUMAN, Timings
from demo.twilio_simulator.simulator import Simulator

__all__ = ["FAST", "HUMAN", "Simulator", "Timings"]

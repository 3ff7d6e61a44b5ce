"""What the demo says once everything runs."""

from __future__ import annotations

from collections.abc import Mapping

from demo.launcher.channel import ASSISTANT, WEBHOOK_PATH, Line
from demo.launcher.data_folder import DataFolder
from demo.launcher.environment import host_url, simulator_url, uses_simulator
from demo.launcher.options import Options

CONNECT_ANOTHER = (
    "  3. Connect Acme Sales   in its Settings, under Channels; the Account SID, Auth Token and number",
    "                          for it are on the phones page, under Console",
)


def banner(options: Options, folder: DataFolder, line: Line | None, caller: Mapping[str, str]) -> str:
    """Where to click, whom to sign in as, what to text."""
    host = host_url(options)
    lines = ["", "  The demo is running.", ""]
    if uses_simulator(caller) and line:
        lines += [
            f"  1. Text the assistant   {simulator_url(options)}/",
            f"                          a phone in the browser: text {line.number}, such as",
            '                          "What are your opening hours?"',
        ]
    elif line:
        lines += [f"  1. Text the assistant   at {line.number}; its webhook is {host}{WEBHOOK_PATH}"]
    else:
        lines += [
            f"  1. Connect {ASSISTANT}   on its Channels page (or start with SMS_DEMO_ACCOUNT_SID,",
            "                          SMS_DEMO_AUTH_TOKEN and SMS_DEMO_NUMBER set)",
        ]
    lines += [
        f"  2. See it in the host   {host}/",
        "                          sign in as admin@acme.test (no password): chats, channels, analytics",
        *(CONNECT_ANOTHER if uses_simulator(caller) else ()),
        "",
        f"  Data and logs: {folder.path}    Stop: Ctrl-C",
        "",
    ]
    return "\n".join(lines)

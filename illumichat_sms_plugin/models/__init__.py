"""What is kept: channels, sessions, messages, consent."""

from illumichat_sms_plugin.models.analytics import SmsDay, SmsHour, SmsRollup
from illumichat_sms_plugin.models.base import Base, UtcDateTime, db_now
from illumichat_sms_plugin.models.channel import (
    MAX_MESSAGE_LENGTH,
    MIN_MESSAGE_LENGTH,
    SmsChannel,
)
from illumichat_sms_plugin.models.message import (
    Direction,
    NoReply,
    SendState,
    SmsChangedHour,
    SmsHeartbeat,
    SmsLease,
    SmsMessage,
    SmsStatusEvent,
)
from illumichat_sms_plugin.models.session import SmsConsentEvent, SmsSession

__all__ = [
    "MAX_MESSAGE_LENGTH",
    "MIN_MESSAGE_LENGTH",
    "Base",
    "Direction",
    "NoReply",
    "SendState",
    "SmsChangedHour",
    "SmsChannel",
    "SmsConsentEvent",
    "SmsDay",
    "SmsHeartbeat",
    "SmsHour",
    "SmsLease",
    "SmsMessage",
    "SmsRollup",
    "SmsSession",
    "SmsStatusEvent",
    "UtcDateTime",
    "db_now",
]

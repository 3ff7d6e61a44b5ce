"""What is kept: channels, sessions, messages, consent."""

from illumichat_sms_plugin.models.analytics import (
    SmsChangedHour,
    SmsCountedSession,
    SmsDay,
    SmsHour,
    SmsRollup,
    SmsSessionHour,
)
from illumichat_sms_plugin.models.audit import SmsAuditEntry
from illumichat_sms_plugin.models.base import Base, UtcDateTime, db_now, db_now_once
from illumichat_sms_plugin.models.channel import (
    SmsChannel,
)
from illumichat_sms_plugin.models.doctor import SmsDoctorResult, SmsDoctorRun
from illumichat_sms_plugin.models.erasure import SmsErasedText, SmsHostErasure, SmsSuppression
from illumichat_sms_plugin.models.further_number import SmsFurtherNumber
from illumichat_sms_plugin.models.media import SmsMedia
from illumichat_sms_plugin.models.message import (
    Direction,
    SendState,
    SmsMessage,
    SmsStatusEvent,
)
from illumichat_sms_plugin.models.notice import SmsNotice
from illumichat_sms_plugin.models.past_chat import SmsPastChat
from illumichat_sms_plugin.models.person_text import SmsPersonText
from illumichat_sms_plugin.models.rehearsal import SmsRehearsal
from illumichat_sms_plugin.models.rejection import SmsRejection
from illumichat_sms_plugin.models.rest import SmsRest
from illumichat_sms_plugin.models.retention import SmsRetention
from illumichat_sms_plugin.models.security import SmsSecurityCount
from illumichat_sms_plugin.models.session import SmsConsentEvent, SmsSession
from illumichat_sms_plugin.models.spending import SmsRate, SmsSpending, SmsSwitch
from illumichat_sms_plugin.models.suggestion import SmsSuggestion
from illumichat_sms_plugin.models.work import SmsHeartbeat, SmsLease, SmsRateCount
from illumichat_sms_plugin.no_reply import NoReply

__all__ = [
    "Base",
    "Direction",
    "NoReply",
    "SendState",
    "SmsAuditEntry",
    "SmsChangedHour",
    "SmsChannel",
    "SmsConsentEvent",
    "SmsCountedSession",
    "SmsDay",
    "SmsDoctorResult",
    "SmsDoctorRun",
    "SmsErasedText",
    "SmsFurtherNumber",
    "SmsHeartbeat",
    "SmsHostErasure",
    "SmsHour",
    "SmsLease",
    "SmsMedia",
    "SmsMessage",
    "SmsNotice",
    "SmsPastChat",
    "SmsPersonText",
    "SmsRate",
    "SmsRateCount",
    "SmsRehearsal",
    "SmsRejection",
    "SmsRest",
    "SmsRetention",
    "SmsRollup",
    "SmsSecurityCount",
    "SmsSession",
    "SmsSessionHour",
    "SmsSpending",
    "SmsStatusEvent",
    "SmsSuggestion",
    "SmsSuppression",
    "SmsSwitch",
    "UtcDateTime",
    "db_now",
    "db_now_once",
]

"""What a running plugin keeps in memory: settings, host, secrets, queue, clients and caches."""

from illumichat_sms_plugin.runtime.runtime import EXTENSION, Runtime, current_runtime, install

__all__ = ["EXTENSION", "Runtime", "current_runtime", "install"]

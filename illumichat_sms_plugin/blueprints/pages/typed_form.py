"""What somebody typed into a form. Secrets are wrapped here, and no variable holds one in the clear."""

from __future__ import annotations

from flask import request

from illumichat_sms_plugin.secret import Secret

SECRET_FIELDS = frozenset({"auth_token", "next_auth_token", "signing_key", "api_key_secret"})


def typed_fields() -> dict[str, str]:
    """Everything but the secrets, with the line breaks that people mean."""
    return {
        name: request.form[name].replace("\r\n", "\n") for name in request.form if name not in SECRET_FIELDS
    }


def typed_secret(name: str) -> Secret:
    """One of the secrets; empty when it was not typed."""
    return Secret(request.form.get(name, ""))

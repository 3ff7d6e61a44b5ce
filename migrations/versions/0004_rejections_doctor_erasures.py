"""Refused webhooks, the Doctor's runs, and what is left of erased texters.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "sms_doctor_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assistant_id", sa.String(length=64), nullable=False),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_doctor_runs")),
    )
    op.create_index(
        "ix_sms_doctor_runs_assistant_id_id", "sms_doctor_runs", ["assistant_id", "id"], unique=False
    )
    op.create_index(
        "uq_sms_doctor_runs_running",
        "sms_doctor_runs",
        ["assistant_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )

    op.create_table(
        "sms_doctor_results",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("action", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("took", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["sms_doctor_runs.id"], name=op.f("fk_sms_doctor_results_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_doctor_results")),
        sa.UniqueConstraint("run_id", "name", name=op.f("uq_sms_doctor_results_run_id_name")),
    )
    op.create_table(
        "sms_erased_texts",
        sa.Column("message_sid", sa.String(length=34), nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_erased_texts_channel_id")
        ),
        sa.PrimaryKeyConstraint("message_sid", name=op.f("pk_sms_erased_texts")),
    )
    op.create_index(op.f("ix_sms_erased_texts_channel_id"), "sms_erased_texts", ["channel_id"], unique=False)
    op.create_index(op.f("ix_sms_erased_texts_try_at"), "sms_erased_texts", ["try_at"], unique=False)

    op.create_table(
        "sms_rejections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("route", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_rejections_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_rejections")),
        sa.UniqueConstraint(
            "channel_id",
            "route",
            "reason",
            "minute",
            name=op.f("uq_sms_rejections_channel_id_route_reason_minute"),
        ),
    )
    op.create_index("ix_sms_rejections_last_at", "sms_rejections", ["last_at"], unique=False)

    op.create_table(
        "sms_suppressions",
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_suppressions_channel_id")
        ),
        sa.PrimaryKeyConstraint("channel_id", "digest", name=op.f("pk_sms_suppressions")),
    )
    op.add_column("sms_channels", sa.Column("opt_out_pepper", sa.Text(), nullable=True))


def downgrade():
    # Not as a batch: SQLite would copy the table away from under those that refer to it.
    op.drop_column("sms_channels", "opt_out_pepper")

    op.drop_table("sms_suppressions")
    op.drop_index("ix_sms_rejections_last_at", table_name="sms_rejections")

    op.drop_table("sms_rejections")
    op.drop_index(op.f("ix_sms_erased_texts_try_at"), table_name="sms_erased_texts")
    op.drop_index(op.f("ix_sms_erased_texts_channel_id"), table_name="sms_erased_texts")

    op.drop_table("sms_erased_texts")
    op.drop_table("sms_doctor_results")
    op.drop_index(
        "uq_sms_doctor_runs_running",
        table_name="sms_doctor_runs",
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_sms_doctor_runs_assistant_id_id", table_name="sms_doctor_runs")

    op.drop_table("sms_doctor_runs")

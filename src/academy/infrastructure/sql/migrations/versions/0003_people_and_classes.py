"""Students, parents, classes, lectures, attendance, exams and scores."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("session_id", key, nullable=False),
        sa.Column("student_id", key, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "student_id", name=op.f("pk_attendance")),
    )
    op.create_table(
        "classes",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_classes_tenant_id_name")),
    )
    op.create_table(
        "enrolments",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("class_id", key, nullable=False),
        sa.Column("student_id", key, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("class_id", "student_id", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_student_id"), "enrolments", ["student_id"], unique=False)
    op.create_table(
        "exams",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("class_id", key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("max_score", sa.Float(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
    )
    op.create_index("ix_exams_list", "exams", ["tenant_id", "created_at", "id"], unique=False)
    op.create_table(
        "lectures",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("class_id", key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lectures")),
    )
    op.create_index(
        op.f("ix_lectures_tenant_id_class_id"), "lectures", ["tenant_id", "class_id"], unique=False
    )
    op.create_table(
        "parents",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", key, nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parents")),
        sa.UniqueConstraint("tenant_id", "phone", name=op.f("uq_parents_tenant_id_phone")),
    )
    op.create_index(
        "ix_parents_account",
        "parents",
        ["tenant_id", "account"],
        unique=False,
        sqlite_where=sa.text("account != ''"),
        postgresql_where=sa.text("account != ''"),
    )
    op.create_table(
        "scores",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("exam_id", key, nullable=False),
        sa.Column("student_id", key, nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("by", key, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("exam_id", "student_id", name=op.f("pk_scores")),
    )
    op.create_index(op.f("ix_scores_student_id"), "scores", ["student_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("lecture_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("lecture_id", "number", name=op.f("uq_sessions_lecture_id_number")),
    )
    op.create_table(
        "student_parents",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("student_id", key, nullable=False),
        sa.Column("parent_id", key, nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "parent_id", name=op.f("pk_student_parents")),
    )
    op.create_index(op.f("ix_student_parents_parent_id"), "student_parents", ["parent_id"], unique=False)
    op.create_table(
        "students",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", key, nullable=False),
        sa.Column("identifier", key, nullable=False),
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_students")),
        sa.UniqueConstraint("tenant_id", "identifier", name=op.f("uq_students_tenant_id_identifier")),
    )
    op.create_index(
        "ix_students_account",
        "students",
        ["tenant_id", "account"],
        unique=False,
        sqlite_where=sa.text("account != ''"),
        postgresql_where=sa.text("account != ''"),
    )
    op.create_index("ix_students_list", "students", ["tenant_id", "name", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("students")
    op.drop_table("student_parents")
    op.drop_table("sessions")
    op.drop_table("scores")
    op.drop_table("parents")
    op.drop_table("lectures")
    op.drop_table("exams")
    op.drop_table("enrolments")
    op.drop_table("classes")
    op.drop_table("attendance")

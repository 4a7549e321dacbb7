"""Every setting of every process, read from the environment here and nowhere else."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from academy.bootstrap.aws_settings import AwsSettings
from academy.bootstrap.own_secrets import GENERATED, own_secrets
from academy.bootstrap.setting_names import PREFIX, QueueName, explain_settings, unknown_variables

__all__ = [
    "AiDevice",
    "Messages",
    "Objects",
    "Profile",
    "ProgressBackend",
    "Queues",
    "Role",
    "Settings",
    "SettingsInvalid",
    "Vectors",
    "environment_without_settings",
    "load_settings",
]


DATABASE_FILE = "academy.sqlite3"


class Profile(StrEnum):
    """Embedded: one command, nothing to configure. Production: everything explicit."""

    EMBEDDED = "embedded"
    PRODUCTION = "production"


class Queues(StrEnum):
    """Where messages wait."""

    SQL = "sql"
    SQS = "sqs"


class Objects(StrEnum):
    """Where objects lie."""

    FOLDER = "folder"
    S3 = "s3"


class ProgressBackend(StrEnum):
    """Where the progress of running jobs is kept."""

    DATABASE = "database"
    REDIS = "redis"


class Messages(StrEnum):
    """Who carries text messages: the console shows them and carries none."""

    CONSOLE = "console"
    SOLAPI = "solapi"


class AiDevice(StrEnum):
    """Where models of the premium tier run; auto: a GPU where there is one."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Vectors(StrEnum):
    """Where vectors of knowledge graphs are kept: a folder of one machine, or the PostgreSQL database, for many workers."""

    CHROMA = "chroma"
    PGVECTOR = "pgvector"


class Role(StrEnum):
    """What a process is; each needs only its own settings and secrets."""

    API = "api"
    VIDEO = "video"
    AI = "ai"
    AI_GPU = "ai_gpu"
    MESSAGING = "messaging"
    GRAPH = "graph"
    RELAY = "outbox_relay"
    RECONCILER = "reconciler"
    OPERATOR = "operator"


class SettingsInvalid(Exception):
    """The environment does not add up; the text names each variable and how to fix it, never a secret."""


def _bucket(variable: str, default: str) -> str:
    name: str = Field(default, validation_alias=AliasChoices(variable), description=f"Bucket ({variable}).")
    return name


class Settings(AwsSettings):
    """Settings by variable: `ACADEMY_` and the field's name in capitals, buckets and R2 credentials by their own names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True)

    profile: Profile = Profile.EMBEDDED
    data_dir: Path = Path("var")
    base_url: str = ""
    media_base_url: str = ""
    bind: str = "127.0.0.1:8000"
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    api_threads: int = Field(8, ge=1, le=64)
    metrics_token: SecretStr = SecretStr("")
    otlp_endpoint: str = Field("", pattern="^(https?://.+)?$")
    otlp_service: str = Field("academy", validation_alias="OTEL_SERVICE_NAME")
    log_format: str = Field("text", pattern="^(text|json)$")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    database_url: SecretStr = SecretStr("")
    database_pool: int = Field(5, ge=1, le=50)

    queue_backend: Queues = Queues.SQL
    sqs_endpoint_url: str = ""
    sqs_fair_groups: bool = True
    sqs_wait_seconds: int = Field(20, ge=1, le=20)
    queue_video: QueueName = "academy-video-jobs"
    queue_video_tenant: str = ""
    queue_ai_lite: QueueName = "academy-ai-jobs-lite"
    queue_ai_basic: QueueName = "academy-ai-jobs-basic"
    queue_ai_premium: QueueName = "academy-ai-jobs-premium"
    queue_ai_tenant: str = ""
    queue_messaging: QueueName = "academy-messaging-jobs"
    queue_graph_requests: QueueName = "academy-graph-requests"
    queue_graph_results: QueueName = "academy-graph-results"
    queue_graph_tenant: str = ""
    result_queues: Annotated[tuple[QueueName, ...], NoDecode] = ()

    objects_backend: Objects = Objects.FOLDER
    r2_endpoint_url: str = Field("", validation_alias="R2_ENDPOINT_URL")
    r2_region: str = Field("ap-northeast-2", validation_alias="R2_REGION")
    r2_access_key_id: SecretStr = Field(SecretStr(""), validation_alias="R2_ACCESS_KEY_ID")
    r2_secret_access_key: SecretStr = Field(SecretStr(""), validation_alias="R2_SECRET_ACCESS_KEY")
    bucket_ai: str = _bucket("R2_AI_BUCKET", "academy-ai")
    bucket_video: str = _bucket("R2_VIDEO_BUCKET", "academy-video")
    bucket_excel: str = _bucket("R2_EXCEL_BUCKET", "academy-excel")
    bucket_storage: str = _bucket("R2_STORAGE_BUCKET", "academy-storage")

    progress_backend: ProgressBackend = ProgressBackend.DATABASE
    redis_url: SecretStr = SecretStr("")

    secret_key: SecretStr = SecretStr("")
    upload_secret: SecretStr = SecretStr("")
    playback_secrets: SecretStr = SecretStr("")
    playback_key_id: str = Field("k1", pattern=r"^[A-Za-z0-9]{1,16}$")
    content_secret: SecretStr = SecretStr("")

    message_provider: Messages = Messages.CONSOLE
    message_slots: int = Field(8, ge=1, le=64)
    message_batch: int = Field(500, ge=1, le=10_000)
    message_rate: float = Field(100.0, gt=0, le=10_000)
    queue_messaging_tenant: str = ""
    solapi_url: str = Field("https://api.solapi.com", pattern="^https?://.+$")
    solapi_api_key: SecretStr = SecretStr("")
    solapi_api_secret: SecretStr = SecretStr("")

    # Models: see bootstrap/models.py.
    llm_url: str = Field("", pattern="^(https?://.+)?$")
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    embedding_url: str = Field("", pattern="^(https?://.+)?$")
    embedding_api_key: SecretStr = SecretStr("")
    embedding_model: str = ""
    llm_budget_tokens: int = Field(200_000, ge=1000, le=100_000_000)

    upload_max_bytes: int = 20 << 30
    video_encrypt: bool = True
    video_slots: int = Field(1, ge=1, le=16)
    video_threads: int = Field(2, ge=1, le=64)
    video_chunk_seconds: float = Field(60.0, ge=2, le=3600)
    ffmpeg: str = ""
    ffprobe: str = ""
    tesseract: str = ""
    ai_slots: int = Field(1, ge=1, le=64)
    ai_device: AiDevice = AiDevice.AUTO
    graph_slots: int = Field(2, ge=1, le=64)
    graph_keep_minutes: int = Field(15, ge=0, le=1440)
    graph_rest_seconds: int = Field(10, ge=0, le=3600)
    vectors_backend: Vectors = Vectors.CHROMA
    work_dir: Path | None = None
    lease_seconds: int = Field(120, ge=2, le=43_200)
    drain_seconds: int = Field(60, ge=0, le=3600)
    health_bind: str = ""
    idle_stop_minutes: int = Field(0, ge=0, le=1440)
    instance_lock: Path | None = None
    metadata_url: str = Field("", validation_alias="AWS_EC2_METADATA_SERVICE_ENDPOINT")
    ec2_endpoint_url: str = ""
    keep_finished_days: int = Field(0, ge=0, le=3650)

    @model_validator(mode="before")
    @classmethod
    def _split_hosts(cls, data: object) -> object:
        if isinstance(data, dict):
            for name in ("allowed_hosts", "trusted_proxies", "result_queues"):
                if isinstance(data.get(name), str):
                    data[name] = tuple(h.strip() for h in data[name].split(",") if h.strip())
        return data

    @field_validator("bind", "health_bind")
    @classmethod
    def _check_address(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if value and not (
            colon and port.isascii() and port.isdigit() and int(port) <= LAST_PORT and " " not in host
        ):
            raise ValueError("not an address and a port, such as 127.0.0.1:8000 or [::1]:8000")
        return value

    @field_validator("keep_finished_days")
    @classmethod
    def _outlast_messages(cls, value: int) -> int:
        if 0 < value < LEAST_KEPT_DAYS:
            raise ValueError(
                f"0 keeps for ever, otherwise {LEAST_KEPT_DAYS} or more: queues keep messages for 14 days, and one whose job is "
                "forgotten would be done again"
            )
        return value

    @model_validator(mode="after")
    def _follow_bind(self) -> Self:
        if not self.base_url:
            # Frozen for everyone else; an after-validator still belongs to the making.
            object.__setattr__(self, "base_url", f"http://{_reached_at(self.bind)}")
        return self

    @property
    def database(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{(self.data_dir / DATABASE_FILE).resolve()}"

    @property
    def installed(self) -> bool:
        """Return whether there is an installation: a database that was named, or the file of the embedded one."""
        return bool(self.database_url.get_secret_value()) or (self.data_dir / DATABASE_FILE).exists()

    @property
    def vectors_dir(self) -> Path:
        """Return the folder that holds the vectors of knowledge graphs."""
        return self.data_dir / "vectors"

    @property
    def objects_dir(self) -> Path:
        """Return the folder that holds the buckets of the embedded profile."""
        return self.data_dir / "objects"

    @property
    def playback_keys(self) -> dict[str, bytes]:
        """Return the playback secrets by key id."""
        pairs = (p.partition(":") for p in self.playback_secrets.get_secret_value().split(",") if p.strip())
        return {kid.strip(): secret.strip().encode() for kid, _, secret in pairs}

    @property
    def media_base(self) -> str:
        """Return where players fetch media: the delivery network, else the API itself."""
        return (self.media_base_url or self.base_url).rstrip("/")


LAST_PORT = 65_535
LEAST_KEPT_DAYS = 15


def _reached_at(bind: str) -> str:
    """Return where this machine's own browser reaches what listens on `bind`: an address for all becomes the local one."""
    host, _, port = bind.rpartition(":")
    return f"{'127.0.0.1' if host in {'', '0.0.0.0', '[::]', '::'} else host}:{port}"  # noqa: S104 - compared, not bound


MIN_SECRET = 32


def _needs(settings: Settings, role: Role) -> list[tuple[str, bool]]:
    """Return what `role` cannot start without, with whether it is missing."""
    production = settings.profile is Profile.PRODUCTION
    s3 = settings.objects_backend is Objects.S3
    api, video = role is Role.API, role is Role.VIDEO

    def short(value: SecretStr) -> bool:
        return production and len(value.get_secret_value()) < MIN_SECRET

    return [
        (
            "ACADEMY_DATABASE_URL (production keeps its data in PostgreSQL)",
            production and not settings.database_url.get_secret_value().startswith("postgresql"),
        ),
        (f"ACADEMY_SECRET_KEY ({MIN_SECRET} characters or more)", api and short(settings.secret_key)),
        (
            f"ACADEMY_UPLOAD_SECRET ({MIN_SECRET} characters or more)",
            not s3 and short(settings.upload_secret),
        ),
        (
            f"ACADEMY_PLAYBACK_SECRETS (id:secret, …; each {MIN_SECRET} characters or more)",
            api
            and (short(settings.playback_secrets) or settings.playback_key_id not in settings.playback_keys),
        ),
        (
            f"ACADEMY_CONTENT_SECRET ({MIN_SECRET} characters or more)",
            (api or video) and short(settings.content_secret),
        ),
        (
            "ACADEMY_REDIS_URL",
            settings.progress_backend is ProgressBackend.REDIS and not settings.redis_url.get_secret_value(),
        ),
        ("R2_ENDPOINT_URL", s3 and not settings.r2_endpoint_url),
        ("R2_ACCESS_KEY_ID", s3 and not settings.r2_access_key_id.get_secret_value()),
        ("R2_SECRET_ACCESS_KEY", s3 and not settings.r2_secret_access_key.get_secret_value()),
        (
            "ACADEMY_DATABASE_URL (ACADEMY_VECTORS_BACKEND=pgvector keeps vectors in PostgreSQL)",
            settings.vectors_backend is Vectors.PGVECTOR and not settings.database.startswith("postgresql"),
        ),
        *_needs_to_send(settings, role),
    ]


def _needs_to_send(settings: Settings, role: Role) -> list[tuple[str, bool]]:
    """Return what whoever sends text messages cannot start without, with whether it is missing."""
    production = settings.profile is Profile.PRODUCTION
    solapi = settings.message_provider is Messages.SOLAPI
    key = settings.solapi_api_key.get_secret_value()
    # In the embedded profile the API's process holds the workers, too.
    sends = solapi and (role is Role.MESSAGING or (role is Role.API and not production))
    return [
        (
            "ACADEMY_MESSAGE_PROVIDER=solapi (the console sends nothing)",
            role is Role.MESSAGING and production and not solapi,
        ),
        (
            "ACADEMY_SOLAPI_URL (https:// in production; over http:// everybody on the way reads numbers and texts)",
            sends and production and not settings.solapi_url.startswith("https://"),
        ),
        ("ACADEMY_SOLAPI_API_KEY (letters and digits)", sends and not (key.isascii() and key.isalnum())),
        ("ACADEMY_SOLAPI_API_SECRET", sends and not settings.solapi_api_secret.get_secret_value()),
    ]


def load_settings(role: Role = Role.OPERATOR, *, create: bool | None = None, **given: object) -> Settings:
    """Read the environment and check what `role` needs of it; what is `given` by field name wins. Raises SettingsInvalid.

    The embedded profile makes its own secrets and keeps them in its data folder, readable by the owner only, when it may `create` an
    installation: every role may but the operator, who looks at one that is there.
    """
    unknown = unknown_variables(Settings, os.environ)
    if unknown:
        raise SettingsInvalid(unknown)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsInvalid(explain_settings(Settings, error)) from None
    _check_database_url(settings)
    if settings.profile is Profile.EMBEDDED:
        own = own_secrets(settings.data_dir, keep=role is not Role.OPERATOR if create is None else create)
        missing = {
            name: SecretStr(own[name]) for name in GENERATED if not getattr(settings, name).get_secret_value()
        }
        settings = settings.model_copy(update=missing)
    lacking = [name for name, missing_now in _needs(settings, role) if missing_now]
    if lacking:
        raise SettingsInvalid("set " + ", ".join(lacking) + "; .env.example says what each is for")
    return settings


def _check_database_url(settings: Settings) -> None:
    from academy.infrastructure.sql.engine import parsed_url  # noqa: PLC0415 - `--help` needs no database library

    try:
        parsed_url(settings.database)
    except ValueError as error:
        raise SettingsInvalid(f"ACADEMY_DATABASE_URL: {error}") from None


_KEPT_IN_DEMO = ("ACADEMY_FFMPEG", "ACADEMY_FFPROBE", "ACADEMY_WORK_DIR", "ACADEMY_VIDEO_THREADS")


def environment_without_settings() -> dict[str, str]:
    """Return this process's environment without any setting of ours but where the tools are.

    A demonstration started with it can never touch the data of the installation it is run beside.
    """
    names = {str(info.validation_alias) for info in Settings.model_fields.values() if info.validation_alias}
    ours = ("ACADEMY_", "R2_", "AWS_")
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_IN_DEMO or not (name.startswith(ours) or name in names)
    }

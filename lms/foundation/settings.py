"""Settings: one file, read from the environment, loud when wrong. `lms settings` prints them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = ROOT / "instance"
SHORTEST_SECRET = 32


class Environment(StrEnum):
    DEVELOPMENT = "development"
    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every knob of an installation, with what it means; each is `LMS_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="LMS_", extra="ignore", frozen=True)

    env: Environment = Field(Environment.DEVELOPMENT, description="production refuses demo data, and default secrets")
    database_url: str = Field(
        f"sqlite:///{INSTANCE / 'baton.sqlite3'}", description="sqlite:///… or postgresql+psycopg://…"
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="what mailed links begin with; never taken from a request"
    )
    secret_key: SecretStr = Field(SecretStr(""), description="signs cookies and forms; at least 32 characters")
    mail_url: str = Field(
        f"file:{INSTANCE / 'outbox'}",
        description="file:<folder>, smtp://user:pass@host:port?starttls=1, smtps://…; production has no default",
    )
    mail_from: str = Field("Coaching Education <no-reply@example.org>", description="the sender of every mail")
    content: Path = Field(ROOT / "content", description="the folder that publish reads")
    secure_content: Path | None = Field(None, description="a second folder with certification items, kept apart")
    demo_password: SecretStr = Field(SecretStr("baton-demo-2026"), description="the password of every demo account")
    trusted_proxies: int = Field(0, ge=0, le=4, description="how many proxies in front set X-Forwarded-For")
    workers: int = Field(2, ge=1, le=64, description="web worker processes of lms serve")
    body_seconds: float = Field(30, gt=0, le=600, description="how long lms serve waits for a request's body")

    @field_validator("base_url")
    @classmethod
    def base_url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ValueError("must be an origin such as https://learn.example.org")
        return value.rstrip("/")

    @field_validator("mail_url")
    @classmethod
    def mail_goes_where_we_can_send_it(cls, value: str) -> str:
        parts = urlsplit(value)
        to_folder = parts.scheme == "file" and not parts.netloc and bool(parts.path)
        to_server = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname)
        if not (to_folder or to_server):
            raise ValueError("must be file:<folder>, smtp://host:port or smtps://host:port")
        return value

    @field_validator("database_url")
    @classmethod
    def database_is_one_we_support(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @model_validator(mode="after")
    def production_is_serious(self) -> Self:
        if self.env is not Environment.PRODUCTION:
            return self
        if len(self.secret_key.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError("LMS_SECRET_KEY must hold at least 32 characters in production")
        if not self.base_url.startswith("https://"):
            raise ValueError("LMS_BASE_URL must begin with https:// in production")
        if "mail_url" not in self.model_fields_set:
            # The default keeps letters in a folder that nobody reads: no address could be confirmed, no password
            # reset, and the links would lie there. A folder that is named is another matter: a mail server may
            # collect from it.
            raise ValueError("LMS_MAIL_URL must be set in production: smtp://…, or file:<folder> that is collected")
        return self

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

"""The settings of AWS: where, and who we are there. Names that AWS gives are read as AWS, its agents and its other tools write them."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

__all__ = ["AwsSettings"]


class AwsSettings(BaseSettings):
    """Keys, or where a container asks for those of its role; with neither, the machine's role is asked for."""

    aws_region: str = "ap-northeast-2"
    aws_access_key_id: SecretStr = Field(SecretStr(""), validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr = Field(SecretStr(""), validation_alias="AWS_SECRET_ACCESS_KEY")
    aws_session_token: SecretStr = Field(SecretStr(""), validation_alias="AWS_SESSION_TOKEN")
    aws_container_relative_uri: str = Field("", validation_alias="AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    aws_container_full_uri: str = Field("", validation_alias="AWS_CONTAINER_CREDENTIALS_FULL_URI")
    aws_container_token: SecretStr = Field(
        SecretStr(""), validation_alias="AWS_CONTAINER_AUTHORIZATION_TOKEN"
    )
    aws_container_token_file: str = Field("", validation_alias="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")

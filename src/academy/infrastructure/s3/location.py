"""Where a bucket is."""

from dataclasses import dataclass

__all__ = ["S3Location"]


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and who we are to it.

    Attributes:
        bucket: name.
        region: AWS region; "auto" for R2.
        endpoint: URL without the bucket ("https://ACCOUNT.r2.cloudflarestorage.com"), empty for AWS's own.
        access_key_id, secret_access_key: empty for the instance's role.
        path_style: bucket in the path; else in the host name.
        connect_seconds: limit of a connect.
        request_seconds: limit of one request, its body included.
        connections: bound of the pool that signs and completes uploads.
    """

    bucket: str
    region: str
    endpoint: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    path_style: bool = True
    connect_seconds: float = 5.0
    request_seconds: float = 120.0
    connections: int = 8

    @property
    def bucket_endpoint(self) -> str:
        """Return the URL of the bucket with the bucket in the host name, "" without an endpoint."""
        scheme, separator, host = self.endpoint.rstrip("/").partition("://")
        return f"{scheme}{separator}{self.bucket}.{host}" if host else ""

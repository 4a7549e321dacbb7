"""AES-128 of whole segments (RFC 8216, 4.3.2.4)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

__all__ = ["encrypted_segment"]

_BLOCK_BITS = 128


def encrypted_segment(plain: bytes, key: bytes, iv: bytes) -> bytes:
    """Return `plain` under AES-128 in CBC mode with PKCS #7 padding (RFC 5652, 6.3): 1 to 16 bytes longer."""
    padder = PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return encryptor.update(padder.update(plain)) + encryptor.update(padder.finalize()) + encryptor.finalize()

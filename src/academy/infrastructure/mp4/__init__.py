"""Fragmented MP4 (ISO/IEC 14496-12) over bytes: read, cut, join, encrypt. A format, not an adapter: any adapter may use it."""

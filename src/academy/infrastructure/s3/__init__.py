"""Objects in a bucket of S3, Cloudflare R2 or anything that speaks S3's protocol."""

"""Objects in a folder, for the embedded profile; our API serves their signed URLs.

On the standard library and not on obstore's LocalStore, which syncs nothing to disk before it renames (a put must survive a
crash), refuses a key like `a#1` because its own temporary files look so, and follows symbolic links.
"""

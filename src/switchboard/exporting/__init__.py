"""Writing everything down for somebody else: a folder or an archive of JSON lines, files and a manifest."""

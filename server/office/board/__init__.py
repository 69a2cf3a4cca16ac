"""The live board, and the stream that tells open pages what changed."""

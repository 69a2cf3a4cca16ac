"""The one loop that keeps what exists like what rules want."""

"""Server-side reactions of single features, beyond what they declare; most have none."""

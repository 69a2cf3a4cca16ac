"""What single features do on the server beyond what is declared; most do nothing."""

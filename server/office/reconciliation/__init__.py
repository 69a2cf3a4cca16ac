"""What did not fit: two things said of one record, and acts that were refused."""

"""Data of the demo's hospital: its places, people, doctors, guests and complaints."""

"""What turns web/, sync's declarations and the worker's modules into what a tablet loads."""

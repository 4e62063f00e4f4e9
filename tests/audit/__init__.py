"""What ``nox -s audit`` measures on the built sites."""

"""The REST API, one method an endpoint, a file an area."""

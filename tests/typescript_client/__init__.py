"""A front end's client, generated from the OpenAPI document."""

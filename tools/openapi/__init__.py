"""docs/openapi.json: made from template.yaml, the endpoints' models, and what their handlers answer."""

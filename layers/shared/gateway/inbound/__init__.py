"""From an API Gateway event to validated input: requests, client keys, forms, fields, dialects."""

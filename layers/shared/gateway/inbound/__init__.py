"""From an API Gateway event to a validated input: requests, client keys, forms, fields, dialects."""

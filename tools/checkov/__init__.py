"""checkov's policies over the template as AWS gets it: no finding stands without a written reason."""

"""checkov's policies applied to the template as AWS receives it: every finding left has a written reason."""

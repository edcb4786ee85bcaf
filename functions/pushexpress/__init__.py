"""push.express: instances of apps that get pushes, and what became of the pushes."""

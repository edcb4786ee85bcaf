"""push.express: app instances that receive push notifications, and what became of the notifications."""

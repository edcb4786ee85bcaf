"""What every room stands on: answers, errors, tasks, strict JSON, settings, telemetry."""

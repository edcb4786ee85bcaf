"""What all other rooms use: answers, errors, the delivery task, strict JSON, settings, telemetry."""

"""The template as CloudFormation gets it: after SAM's transform, and with its conditions decided."""

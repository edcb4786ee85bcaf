"""The template as CloudFormation receives it: after SAM's transform, with its conditions evaluated."""

"""The functions' log lines, from the file of a local run or from CloudWatch."""

"""The local run: the real template, deployed by the SAM CLI onto a local AWS, behind one local address."""

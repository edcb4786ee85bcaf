"""The console of a local run: a page that shows each event on both wires."""

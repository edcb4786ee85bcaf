"""The console of a local run: a web page that shows every event, served to this machine's browser alone."""

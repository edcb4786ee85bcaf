"""Known vulnerabilities in locked packages, and the locks of the programs that find them."""

"""`make release`: the template, its zips, an SBOM and checksums; the same commit gives the same bytes."""

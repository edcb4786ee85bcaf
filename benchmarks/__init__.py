"""`make bench`: the figures of docs/performance.md, each measured beside what it is compared with."""

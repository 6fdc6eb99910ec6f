"""`python -m benchmarks`: measure, print a table, write `results/latest.json`."""

import sys

from benchmarks.drivers import main

sys.exit(main())

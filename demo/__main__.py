"""``python -m demo``: what ``./run demo`` runs."""

import sys

from demo.launcher.main import main

sys.exit(main())

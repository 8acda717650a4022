"""`python -m gpunet` is the command `gpunet`."""

import sys

from .cli import main

sys.exit(main())

"""`python -m catalog_contract.cli` is `catalog-contract`."""

import sys

from catalog_contract.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m academy` is the command line, as `academy` is."""

import sys

EXIT_SETTINGS = 78

if __name__ == "__main__":
    try:
        from academy.interfaces.cli.main import main
    except ModuleNotFoundError as error:
        if str(error.name).startswith("academy"):
            raise
        sys.stderr.write(f"academy: the package {error.name} is not installed\n")
        sys.stderr.write("How to fix it: pip install -r requirements/cli.txt\n")
        sys.exit(EXIT_SETTINGS)
    main()

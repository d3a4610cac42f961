"""``python -m fer_live``."""

from fer_live.cli.main import main

if __name__ == "__main__":
    main()

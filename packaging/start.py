"""Entry point of the bundle that PyInstaller builds."""

from multiprocessing import freeze_support

from fer_live.cli.main import main

if __name__ == "__main__":
    freeze_support()
    main()

"""`python -m emulator`: serves until standard input closes."""

from emulator.server import main

main()

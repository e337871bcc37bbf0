"""The AWS of the tests: MiniStack on loopback, with faults, counters and a control surface. Run as `python -m emulator`."""

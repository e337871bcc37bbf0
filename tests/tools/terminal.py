#!/usr/bin/env python3
"""Runs a shell script at a terminal of its own and prints what that terminal shows.

usage: terminal.py SCRIPT < TYPED

What stands on standard input is typed once the script asks for it, line by line. Exits with the exit code of the script. The terminal has 30
lines of 100 characters, shows nothing of what is typed, and calls itself dumb, so that programs print lines and draw no bars.
"""
import fcntl
import os
import struct
import sys
import termios


def main() -> int:
    script = sys.argv[1]
    typed = sys.stdin.buffer.read()
    terminal, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    modes = termios.tcgetattr(inner)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(inner, termios.TCSANOW, modes)
    child = os.fork()
    if child == 0:
        os.close(terminal)
        os.login_tty(inner)
        os.environ["TERM"] = "dumb"
        os.execvp("sh", ["sh", "-c", script])
    os.close(inner)
    if typed:
        os.write(terminal, typed)
    shown = bytearray()
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux reports the closed terminal as an input/output error.
            break
        if not part:
            break
        shown += part
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(bytes(shown).replace(b"\r\n", b"\n"))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())

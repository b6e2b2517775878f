"""The program as a person runs it, for the tests beside this file."""
import contextlib
import fcntl
import os
import resource
import signal
import struct
import subprocess
import termios

import pytest

PROGRAM = os.environ["FORGER_PROGRAM"]


def run(*arguments, timeout=120, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options)


def done(*arguments):
    """What a call that must succeed prints."""
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(*arguments, **options):
    """What a refusal prints; the last line is the error."""
    result = run(*arguments, **options)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.splitlines()[-1].startswith("forger: "), result.stderr
    return result.stderr


def on_a_terminal(*arguments, columns):
    """What a call that must succeed writes to a terminal of so many columns: all of it, what is written over, too."""
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=its, stderr=its, env=dict(os.environ, TERM="xterm"))
    os.close(its)
    written = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal so when its last writer is gone
        while piece := os.read(ours, 65536):
            written += piece
    os.close(ours)
    assert process.wait(timeout=120) == 0, written
    return written.decode()


def live_lines(written):
    """The texts that a live line had on a terminal, one after the other."""
    return [text for text in written.split("\r\x1b[K")[1:-1] if text]


def refused_in_one_line(*arguments, **options):
    message = refused(*arguments, **options)
    assert message.count("\n") == 1, message
    return message


#: ThreadSanitizer's own files are larger than a nearly full disk allows.
on_a_nearly_full_disk = pytest.mark.skipif("TSAN_OPTIONS" in os.environ, reason="ThreadSanitizer needs a larger file")


def nearly_full(size):
    """For `preexec_fn`: a disk on which no file grows beyond `size` bytes."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit

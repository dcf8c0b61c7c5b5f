"""The hands of a user at a window of an X display, for tests."""

from __future__ import annotations

import contextlib
import ctypes
import subprocess


def window_of_process(pid: int) -> int:
    """Number of the visible window of a process, once it has one."""
    command = ["xdotool", "search", "--sync", "--onlyvisible", "--pid", str(pid)]
    # The limit is there for a process that died without ever opening one.
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return int(found.stdout.split()[0])


def press(window: int, *keys: str) -> None:
    """Gives a window the focus and presses keys, named as xdotool names them."""
    subprocess.run(["xdotool", "windowfocus", "--sync", str(window), "key", *keys], check=True)


def escape(process: subprocess.Popen[str], window: int) -> None:
    """Presses Escape until the process has ended.

    SDL takes a key that is down while its window gets the focus for one that was held before, so the first
    one may be lost.
    """
    command = ["xdotool", "windowfocus", str(window), "key", "Escape"]
    while process.poll() is None:
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)  # the window may be gone by now
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)


def hold(window: int, key: str) -> None:
    """Gives a window the focus and presses a key anew without letting it go."""
    keys = ["keyup", key, "keydown", key]
    subprocess.run(["xdotool", "windowfocus", "--sync", str(window), *keys], check=True)


def click(window: int, x: int, y: int) -> None:
    """Clicks on a pixel of a window."""
    command = ["xdotool", "mousemove", "--window", str(window), str(x), str(y), "click", "1"]
    subprocess.run(command, check=True)


def press_close_button(display: str, window: int) -> None:
    """Sends what a window manager sends when the close button of a window is pressed."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XSendEvent.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_int,
        ctypes.c_long,
        ctypes.POINTER(_ClientMessage),
    ]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = x11.XOpenDisplay(display.encode())
    message = _ClientMessage(type=_CLIENT_MESSAGE, window=window, format=32)
    message.message_type = x11.XInternAtom(connection, b"WM_PROTOCOLS", 0)
    message.data[0] = x11.XInternAtom(connection, b"WM_DELETE_WINDOW", 0)
    x11.XSendEvent(connection, window, 0, 0, ctypes.byref(message))
    x11.XCloseDisplay(connection)


_CLIENT_MESSAGE = 33


class _ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),  # an XEvent is as large as the largest of its kinds
    ]
